import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { FIVE_MINUTES, OperatorAlarm } from './operator-alarm.ts';

/** The dead man's switch: an alert that always fires is notified to this topic through the whole pipeline, and CloudWatch,
 *  which is no part of it, raises the alarm when nothing is published any more. */
export class Heartbeat extends Construct {
  readonly topic: Topic;

  /** @param props.isSent Whether the configuration sends to the topic; without, there is nothing to miss. */
  constructor(scope: Construct, id: string, props: { readonly isSent: boolean; readonly operatorTopic: ITopic }) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', { enforceSSL: true });
    if (!props.isSent) return;
    new OperatorAlarm(this, 'Alarm', {
      description:
        'Emberwatch sends no heartbeat: scraping, rules, alerting or notifying stands still, and alerts may not be told',
      // SNS may count in steps of five minutes.
      metric: this.topic.metricNumberOfMessagesPublished({ period: FIVE_MINUTES, statistic: 'Sum' }),
      below: 1,
      periods: 2,
      operatorTopic: props.operatorTopic,
    });
  }
}
