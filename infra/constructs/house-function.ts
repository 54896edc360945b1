import { type CfnElement, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ENVIRONMENT, queueUrlVariable } from '#shared/adapters/aws/schema.ts';
import { FIVE_MINUTES, OperatorAlarm } from './operator-alarm.ts';

/** What is particular about a function. */
export interface HouseFunctionProps {
  /** By which logs and metrics call it, such as `dispatch-alerts`. */
  readonly name: string;
  /** With `index.mjs`, which exports `handler`. */
  readonly bundleFolder: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Where the configuration's files are in the bucket. */
const CONFIG_FOLDER = 'config/';

/** A function as all of ours are: arm64, Node 24, a log with an end, and a role of its own that may only write that log.
 *  What else it may do and the variable that says where are given together by `bind…`. */
export class HouseFunction extends Construct {
  readonly lambda: LambdaFunction;

  constructor(scope: Construct, id: string, props: HouseFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Log', {
      retention: RetentionDays.TWO_WEEKS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    this.lambda = new LambdaFunction(this, 'Function', {
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(props.bundleFolder),
      memorySize: props.memoryMb,
      timeout: Duration.seconds(props.timeoutSeconds),
      environment: { ...props.environment, [ENVIRONMENT.service]: props.name },
      logGroup,
      role,
    });
  }

  /** Tells the operators when it crashes or runs out of time or memory. Messages that it only could not handle come back,
   *  and end as dead letters. */
  watch(operatorTopic: ITopic): void {
    new OperatorAlarm(this, 'ErrorsAlarm', {
      description: `Function "${this.node.id}" of Emberwatch fails: it cannot start, crashes, or runs out of time or memory; look at its log`,
      metric: this.lambda.metricErrors({ period: FIVE_MINUTES, statistic: 'Sum' }),
      above: 0,
      operatorTopic,
    });
  }

  /** Lets it read and write records. */
  bindTable(table: ITable): void {
    const actions = ['GetItem', 'Query', 'PutItem', 'DeleteItem', 'ConditionCheckItem'];
    this.#allow(
      actions.map((action) => `dynamodb:${action}`),
      table.tableArn,
    );
    this.lambda.addEnvironment(ENVIRONMENT.tableName, table.tableName);
  }

  /** Lets it read and write objects, but not write the configuration. @param options.deletes Whether it deletes, too. */
  bindBucket(bucket: IBucket, options: { readonly deletes?: boolean } = {}): void {
    // Without listing, S3 answers 403 for an object that is not there.
    this.#allow(['s3:ListBucket'], bucket.bucketArn);
    const actions = ['s3:GetObject', 's3:PutObject', ...(options.deletes ? ['s3:DeleteObject'] : [])];
    this.#allow(actions, bucket.arnForObjects('*'));
    this.lambda.addToRolePolicy(
      new PolicyStatement({
        effect: Effect.DENY,
        actions: ['s3:PutObject', 's3:DeleteObject'],
        resources: [bucket.arnForObjects(`${CONFIG_FOLDER}*`)],
      }),
    );
    this.#acknowledge(
      `${this.#arnAsReported(bucket)}/*`,
      'Objects are named after streams and slots; the one bucket is ours, and its configuration folder is denied',
    );
    this.lambda.addEnvironment(ENVIRONMENT.bucketName, bucket.bucketName);
  }

  /** Lets it write the configuration, and let it go, and nothing else in the bucket. */
  bindConfigurationUpload(bucket: IBucket): void {
    // By copying objects onto themselves.
    const actions = ['s3:GetObject', 's3:PutObject', 's3:GetObjectTagging', 's3:PutObjectTagging'];
    this.#allow(actions, bucket.arnForObjects(`${CONFIG_FOLDER}*`));
    this.lambda.addToRolePolicy(
      new PolicyStatement({
        actions: ['s3:ListBucket'],
        resources: [bucket.bucketArn],
        conditions: { StringLike: { 's3:prefix': `${CONFIG_FOLDER}*` } },
      }),
    );
    this.#acknowledge(
      `${this.#arnAsReported(bucket)}/${CONFIG_FOLDER}*`,
      'Objects are named after the configuration files, whichever there are',
    );
    this.lambda.addEnvironment(ENVIRONMENT.bucketName, bucket.bucketName);
  }

  /** Lets it send to a queue. @param name By which it knows the queue. */
  bindQueue(name: string, queue: IQueue): void {
    this.#allow(['sqs:SendMessage'], queue.queueArn);
    this.lambda.addEnvironment(queueUrlVariable(name), queue.queueUrl);
  }

  /** Has it called with the messages of a queue, one at a time. */
  consume(queue: IQueue, { maxConcurrency }: { readonly maxConcurrency: number }): void {
    this.lambda.addEventSource(
      new SqsEventSource(queue, { batchSize: 1, maxConcurrency, reportBatchItemFailures: true }),
    );
  }

  /** Lets it read a secret of Secrets Manager. */
  bindSecret(secretArn: string): void {
    this.#allow(['secretsmanager:GetSecretValue'], secretArn);
  }

  /** Lets it read a parameter of the Parameter Store. */
  bindParameter(parameterArn: string): void {
    this.#allow(['ssm:GetParameter'], parameterArn);
  }

  /** Lets it publish to a topic. */
  bindTopic(topic: Pick<ITopic, 'topicArn'>): void {
    this.#allow(['sns:Publish'], topic.topicArn);
  }

  /** How cdk-nag writes the ARN of a bucket, of this stack or of another one. */
  #arnAsReported(bucket: IBucket): string {
    const owner = Stack.of(bucket);
    if (owner === Stack.of(this)) return `<${owner.getLogicalId(bucket.node.defaultChild as CfnElement)}.Arn>`;
    const imported = owner.resolve(owner.exportValue(bucket.bucketArn)) as { readonly 'Fn::ImportValue': string };
    return imported['Fn::ImportValue'];
  }

  #acknowledge(resource: string, reason: string): void {
    Validations.of(this).acknowledge({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason });
  }

  #allow(actions: string[], resource: string): void {
    this.lambda.addToRolePolicy(new PolicyStatement({ actions, resources: [resource] }));
  }
}
