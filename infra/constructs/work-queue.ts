import { Duration } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { createDeadLetters } from './dead-letters.ts';
import { ONE_MINUTE, OperatorAlarm } from './operator-alarm.ts';

/** How a work queue is set up. */
export interface WorkQueueProps {
  /** Of the function that reads it. */
  readonly functionTimeoutSeconds: number;
  readonly messageLifeMinutes: number;
  /** How old a message may become before somebody is told. @default Nobody is. */
  readonly oldMinutes?: number;
  /** Who is told when a message is given up or becomes old. */
  readonly operatorTopic: ITopic;
}

/** As many as the local process allows: they outlast a restart, and no poison message is tried for hours. */
const MAX_RECEIVES = 5;
/** A message stays hidden this much longer than its function may run, so that no second one starts beside it. */
const VISIBILITY_MARGIN_SECONDS = 30;

/** A queue between functions, with its dead-letter queue, and an alarm when something is in that one. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id);
    const { operatorTopic, oldMinutes } = props;
    const advice = "look at the function's log, then start a redrive of its dead-letter queue";
    this.deadLetters = createDeadLetters(this, { of: `"${id}"`, advice, operatorTopic });
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: Duration.seconds(props.functionTimeoutSeconds + VISIBILITY_MARGIN_SECONDS),
      retentionPeriod: Duration.minutes(props.messageLifeMinutes),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVES },
    });
    if (oldMinutes !== undefined) this.#watchAge(oldMinutes, operatorTopic);
  }

  /** Sends `{}` each so many minutes. What EventBridge cannot hand over is a dead letter, too. */
  tickEvery(minutes: number): void {
    const message = RuleTargetInput.fromObject({});
    const target = new SqsQueue(this.queue, { message, deadLetterQueue: this.deadLetters });
    new Rule(this, 'Tick', { schedule: Schedule.rate(Duration.minutes(minutes)), targets: [target] });
  }

  #watchAge(oldMinutes: number, operatorTopic: ITopic): void {
    new OperatorAlarm(this, 'AgeAlarm', {
      description: `Emberwatch lets messages of "${this.node.id}" wait: its function is too slow, is throttled or does not run`,
      metric: this.queue.metricApproximateAgeOfOldestMessage({ period: ONE_MINUTE, statistic: 'Maximum' }),
      above: oldMinutes * 60,
      periods: 3,
      operatorTopic,
    });
  }
}
