import { Stack, type StackProps } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { METRIC_NAMESPACE } from '#shared/adapters/aws/schema.ts';
import { QUEUES } from '../../functions/settings.ts';
import type { Bundles } from '../bundle.ts';
import { type ConfigurationFolder, PLACEHOLDERS } from '../configuration-folder.ts';
import { ConfigurationCleanup } from '../constructs/configuration-upload.ts';
import { HouseFunction } from '../constructs/house-function.ts';
import { FIVE_MINUTES, ONE_MINUTE, OperatorAlarm } from '../constructs/operator-alarm.ts';
import type { DeploymentContext } from '../context.ts';
import { functionEnvironment } from '../function-environment.ts';
import { PIPELINE, type PipelineFunction } from '../pipeline.ts';
import { type DataStack, pascalCase } from './data-stack.ts';

export interface PipelineStackProps extends StackProps {
  readonly context: DeploymentContext;
  readonly configuration: ConfigurationFolder;
  readonly bundles: Bundles;
  readonly data: DataStack;
  /** Under which users reach the API. */
  readonly externalUrl: string;
}

/** The functions that work by themselves, each reading its queue. */
export class PipelineStack extends Stack {
  constructor(scope: Construct, id: string, props: PipelineStackProps) {
    super(scope, id, props);
    this.#watchProgress(props);
    const functions = PIPELINE.map((spec) => this.#createFunction(spec, props));
    // The last thing that a deployment does: this stack comes after that of the API.
    new ConfigurationCleanup(this, 'Cleanup', {
      serviceToken: props.data.configurationToken,
      prefix: props.configuration.prefix,
    }).node.addDependency(...functions);
  }

  /** What no function can say of itself. */
  #watchProgress({ context, data: { operatorTopic } }: PipelineStackProps): void {
    new OperatorAlarm(this, 'ScrapesAlarm', {
      description:
        'Emberwatch handled no scrape slot in 5 minutes: discovery, scheduling or scraping stands still, and samples are lost',
      metric: new Metric({
        namespace: METRIC_NAMESPACE,
        metricName: 'SlotsHandled',
        dimensionsMap: { service: QUEUES.scrape, stage: context.stage },
        statistic: 'Sum',
        period: ONE_MINUTE,
      }),
      below: 1,
      periods: 5,
      operatorTopic,
    });
    // Of all functions of the account: none of ours has a limit of its own, so it is the account's that throttles them.
    new OperatorAlarm(this, 'ThrottlesAlarm', {
      description: 'Lambda throttles functions in this account and region: ask for a higher concurrency quota',
      metric: LambdaFunction.metricAllThrottles({ period: FIVE_MINUTES, statistic: 'Sum' }),
      above: 0,
      periods: 3,
      operatorTopic,
    });
  }

  #createFunction(spec: PipelineFunction, props: PipelineStackProps): HouseFunction {
    const { data, configuration } = props;
    const created = new HouseFunction(this, pascalCase(spec.name), {
      name: spec.name,
      bundleFolder: props.bundles[spec.name].folder,
      memoryMb: spec.memoryMb,
      timeoutSeconds: spec.timeoutSeconds,
      environment: functionEnvironment(props),
    });
    created.watch(data.operatorTopic);
    created.bindTable(data.table);
    created.bindBucket(data.bucket, { deletes: spec.deletes });
    created.consume(data.queues.get(spec.name)!.queue, { maxConcurrency: spec.maxConcurrency });
    for (const name of spec.sendsTo) created.bindQueue(name, data.queues.get(name)!.queue);
    if (spec.secrets !== undefined) this.#bindSecrets(created, configuration.secretReferences[spec.secrets], data);
    if (spec.publishes) bindTopics(created, configuration.topicArns, data);
    return created;
  }

  #bindSecrets(target: HouseFunction, references: readonly string[], data: DataStack): void {
    for (const reference of references) {
      const [, service, name] = /^(\w+):(.*)$/.exec(reference)!;
      if (name === PLACEHOLDERS.API_TOKEN_SECRET_ARN) target.bindSecret(data.token.secretArn);
      else if (service === 'secretsmanager') target.bindSecret(this.#secretArn(name));
      else
        target.bindParameter(
          this.formatArn({ service: 'ssm', resource: 'parameter', resourceName: name.replace(/^\//, '') }),
        );
    }
  }

  /** A secret that is named without its ARN has six more characters at the end of it. */
  #secretArn(name: string): string {
    if (name.startsWith('arn:')) return name;
    return `${this.formatArn({ service: 'secretsmanager', resource: 'secret' })}:${name}-??????`;
  }
}

function bindTopics(target: HouseFunction, topicArns: readonly string[], data: DataStack): void {
  const own = new Map([
    [PLACEHOLDERS.ALERT_TOPIC_ARN, data.alertTopic.topicArn],
    [PLACEHOLDERS.HEARTBEAT_TOPIC_ARN, data.heartbeatTopic.topicArn],
  ]);
  for (const arn of topicArns) target.bindTopic({ topicArn: own.get(arn) ?? arn });
}
