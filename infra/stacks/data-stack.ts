import { Annotations, CfnOutput, Duration, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { EXPIRY_TAG, TABLE_SCHEMA } from '#shared/adapters/aws/schema.ts';
import { parseDuration } from '#shared/model/duration.ts';
import type { Bundles } from '../bundle.ts';
import { type ConfigurationFolder, PLACEHOLDERS } from '../configuration-folder.ts';
import { ConfigurationUpload } from '../constructs/configuration-upload.ts';
import { Heartbeat } from '../constructs/heartbeat.ts';
import { MailTopic } from '../constructs/mail-topic.ts';
import { WorkQueue } from '../constructs/work-queue.ts';
import type { DeploymentContext } from '../context.ts';
import { PIPELINE } from '../pipeline.ts';

export interface DataStackProps extends StackProps {
  readonly context: DeploymentContext;
  readonly configuration: ConfigurationFolder;
  readonly bundles: Bundles;
}

const DAY_MS = 86_400_000;
/** Compaction deletes what is past its retention; what it missed goes this much later. */
const LIFECYCLE_MARGIN_DAYS = 7;

/** Everything that holds something: records, objects, messages, subscriptions, the token. Lives longer than the rest. */
export class DataStack extends Stack {
  readonly table: Table;
  readonly bucket: Bucket;
  /** Of each function of the pipeline, by its name. */
  readonly queues: ReadonlyMap<string, WorkQueue>;
  readonly alertTopic: Topic;
  readonly heartbeatTopic: Topic;
  readonly operatorTopic: Topic;
  readonly token: Secret;
  /** What lets old configurations go. */
  readonly configurationToken: string;

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, props);
    const { context, configuration } = props;
    this.table = this.#createTable(context);
    this.bucket = this.#createBucket(context);
    this.token = this.#createToken(context);
    const alerts = new MailTopic(this, 'Alerts', { displayName: 'Emberwatch' });
    const operators = new MailTopic(this, 'Operators', { displayName: 'Emberwatch' });
    this.alertTopic = alerts.topic;
    this.operatorTopic = operators.topic;
    alerts.takeAlarms();
    operators.takeAlarms();
    alerts.subscribe(context.alertEmails, operators.topic);
    operators.subscribe(context.operatorEmails, alerts.topic);
    const isSent = configuration.topicArns.includes(PLACEHOLDERS.HEARTBEAT_TOPIC_ARN);
    this.heartbeatTopic = new Heartbeat(this, 'Heartbeat', { isSent, operatorTopic: this.operatorTopic }).topic;
    this.queues = this.#createQueues();
    const upload = new ConfigurationUpload(this, 'Configuration', {
      bucket: this.bucket,
      bundleFolder: props.bundles['upload-configuration'].folder,
      configuration,
      substitutions: {
        ALERT_TOPIC_ARN: this.alertTopic.topicArn,
        HEARTBEAT_TOPIC_ARN: this.heartbeatTopic.topicArn,
        API_TOKEN_SECRET_ARN: this.token.secretArn,
      },
    });
    this.configurationToken = upload.serviceToken;
    // A configuration that names a topic no more could not be deployed while the function before imports it.
    for (const { topicArn } of [this.alertTopic, this.heartbeatTopic]) this.exportValue(topicArn);
    for (const warning of configuration.warnings)
      Annotations.of(this).addWarningV2('emberwatch:configuration', warning);
    new CfnOutput(this, 'AlertTopicArn', { value: this.alertTopic.topicArn });
    new CfnOutput(this, 'ApiTokenSecretArn', { value: this.token.secretArn });
    new CfnOutput(this, 'BucketName', { value: this.bucket.bucketName });
    new CfnOutput(this, 'TableName', { value: this.table.tableName });
  }

  #createTable({ emulator }: DeploymentContext): Table {
    return new Table(this, 'Table', {
      partitionKey: { name: TABLE_SCHEMA.partitionKey, type: AttributeType.STRING },
      sortKey: { name: TABLE_SCHEMA.sortKey, type: AttributeType.STRING },
      timeToLiveAttribute: TABLE_SCHEMA.expiresAt,
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: !emulator.disposable,
      removalPolicy: emulator.disposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    });
  }

  #createBucket({ emulator, retention }: DeploymentContext): Bucket {
    const retentionDays = Math.ceil(parseDuration(retention) / DAY_MS);
    const bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      lifecycleRules: [
        { abortIncompleteMultipartUploadAfter: Duration.days(1) },
        { prefix: 'windows/', expiration: Duration.days(retentionDays + LIFECYCLE_MARGIN_DAYS) },
        { prefix: 'notifications/', expiration: Duration.days(30) },
        // Configurations that no function reads any more.
        { prefix: 'config/', tagFilters: { [EXPIRY_TAG.key]: EXPIRY_TAG.value }, expiration: Duration.days(1) },
      ],
      removalPolicy: emulator.disposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'Only our functions have access, and an access log of a write each slot would cost more than the data',
    });
    return bucket;
  }

  #createToken({ emulator }: DeploymentContext): Secret {
    const token = new Secret(this, 'ApiToken', {
      description: 'The token that opens the API of Emberwatch',
      generateSecretString: { passwordLength: 40, excludePunctuation: true },
      removalPolicy: emulator.disposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    });
    Validations.of(token).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'Clients such as Grafana hold the token, so it is replaced when they are; functions see a new one within 5 minutes',
    });
    return token;
  }

  #createQueues(): Map<string, WorkQueue> {
    const operatorTopic = this.operatorTopic;
    return new Map(
      PIPELINE.map(({ name, timeoutSeconds, messageLifeMinutes, oldMinutes, everyMinutes }) => {
        const work = new WorkQueue(this, pascalCase(name), {
          functionTimeoutSeconds: timeoutSeconds,
          messageLifeMinutes,
          oldMinutes,
          operatorTopic,
        });
        if (everyMinutes !== undefined) work.tickEvery(everyMinutes);
        return [name, work];
      }),
    );
  }
}

/** `dispatch-alerts` → `DispatchAlerts`, for the names of constructs. */
export function pascalCase(name: string): string {
  return name.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
