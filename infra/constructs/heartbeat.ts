import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

/** The dead man's switch: an alert that always fires is notified to this topic through the whole pipeline, and CloudWatch,
 *  which is no part of it, raises the alarm when nothing is published any more. */
export class Heartbeat extends Construct {
  readonly topic: Topic;

  /** @param props.isSent Whether the configuration sends to the topic; without, there is nothing to miss. */
  constructor(scope: Construct, id: string, props: { readonly isSent: boolean; readonly operatorTopic: ITopic }) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', { enforceSSL: true });
    if (!props.isSent) return;
    const alarm = new Alarm(this, 'Alarm', {
      alarmDescription:
        'Emberwatch sends no heartbeat: scraping, rules, alerting or notifying stands still, and alerts may not be told',
      // SNS may count in steps of five minutes.
      metric: this.topic.metricNumberOfMessagesPublished({ period: Duration.minutes(5), statistic: 'Sum' }),
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: 2,
      treatMissingData: TreatMissingData.BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(props.operatorTopic));
    alarm.addOkAction(new SnsAction(props.operatorTopic));
  }
}
