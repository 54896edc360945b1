import { Duration } from 'aws-cdk-lib';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { ONE_MINUTE, OperatorAlarm } from './operator-alarm.ts';

/** The longest that SQS keeps one. */
const DEAD_LETTER_LIFE = Duration.days(14);

/** Makes a dead-letter queue, with an alarm when something is in it.
 *  @param props.of What gives messages up, for the alarm. */
export function createDeadLetters(
  scope: Construct,
  props: { readonly of: string; readonly advice: string; readonly operatorTopic: ITopic },
): Queue {
  const deadLetters = new Queue(scope, 'DeadLetters', {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: DEAD_LETTER_LIFE,
  });
  new OperatorAlarm(scope, 'DeadLettersAlarm', {
    description: `Emberwatch gave up messages of ${props.of}: ${props.advice}`,
    metric: deadLetters.metricApproximateNumberOfMessagesVisible({ period: ONE_MINUTE, statistic: 'Maximum' }),
    above: 0,
    operatorTopic: props.operatorTopic,
  });
  return deadLetters;
}
