import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/** How a work queue is set up. */
export interface WorkQueueProps {
  /** Of the function that reads it. */
  readonly functionTimeoutSeconds: number;
  readonly messageLifeMinutes: number;
  /** Who is told when a message is given up. */
  readonly operatorTopic: ITopic;
}

/** As many as the local process allows: they outlast a restart, and no poison message is tried for hours. */
const MAX_RECEIVES = 5;
/** A message stays hidden this much longer than its function may run, so that no second one starts beside it. */
const VISIBILITY_MARGIN_SECONDS = 30;
/** The longest that SQS keeps one. */
const DEAD_LETTER_LIFE = Duration.days(14);

/** A queue between functions, with its dead-letter queue, and an alarm when something is in that one. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id);
    const common = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };
    this.deadLetters = new Queue(this, 'DeadLetters', { ...common, retentionPeriod: DEAD_LETTER_LIFE });
    this.queue = new Queue(this, 'Queue', {
      ...common,
      visibilityTimeout: Duration.seconds(props.functionTimeoutSeconds + VISIBILITY_MARGIN_SECONDS),
      retentionPeriod: Duration.minutes(props.messageLifeMinutes),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVES },
    });
    const alarm = new Alarm(this, 'DeadLettersAlarm', {
      alarmDescription: `Emberwatch gave up messages of "${id}": look at the function's log, then start a redrive of its dead-letter queue`,
      metric: this.deadLetters.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(1),
        statistic: 'Maximum',
      }),
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(props.operatorTopic));
  }

  /** Sends `{}` each so many minutes. */
  tickEvery(minutes: number): void {
    const target = new SqsQueue(this.queue, { message: RuleTargetInput.fromObject({}) });
    new Rule(this, 'Tick', { schedule: Schedule.rate(Duration.minutes(minutes)), targets: [target] });
  }
}
