import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

/** A topic that only takes what comes by TLS, with subscribers by e-mail. */
export class MailTopic extends Construct {
  readonly topic: Topic;

  constructor(
    scope: Construct,
    id: string,
    props: { readonly emails: readonly string[]; readonly displayName: string },
  ) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', { enforceSSL: true, displayName: props.displayName });
    for (const email of props.emails) this.topic.addSubscription(new EmailSubscription(email));
  }
}
