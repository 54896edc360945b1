import { Aws, Validations } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { createDeadLetters } from './dead-letters.ts';
import { FIVE_MINUTES, OperatorAlarm } from './operator-alarm.ts';

/** A topic that only takes what comes by TLS, with subscribers by e-mail. */
export class MailTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: { readonly displayName: string }) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', { enforceSSL: true, displayName: props.displayName });
  }

  /** Lets alarms of this account publish to it: a topic with a policy of its own takes nothing from services without. */
  takeAlarms(): void {
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
  }

  /** Subscribes addresses, and watches the deliveries to all subscribers, whoever subscribed them.
   *  @param operatorTopic Who is told when a delivery fails: another topic, as this one may be what fails. */
  subscribe(emails: readonly string[], operatorTopic: ITopic): void {
    const id = this.node.id;
    new OperatorAlarm(this, 'DeliveryAlarm', {
      description: `SNS cannot deliver messages of topic "${id}" to a subscriber: look at its subscriptions`,
      metric: this.topic.metricNumberOfNotificationsFailed({ period: FIVE_MINUTES, statistic: 'Sum' }),
      above: 0,
      operatorTopic,
    });
    if (emails.length === 0) return;
    const advice = 'its message is in the dead-letter queue; look at the subscriptions of the topic';
    const deadLetterQueue = createDeadLetters(this, { of: `topic "${id}"`, advice, operatorTopic });
    Validations.of(deadLetterQueue).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is the dead-letter queue of subscriptions, which the check does not look at',
    });
    for (const email of emails) this.topic.addSubscription(new EmailSubscription(email, { deadLetterQueue }));
  }
}
