import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Bundles } from '../bundle.ts';
import { type ConfigurationFolder, PLACEHOLDERS } from '../configuration-folder.ts';
import { HouseFunction } from '../constructs/house-function.ts';
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
    for (const spec of PIPELINE) this.#createFunction(spec, props);
  }

  #createFunction(spec: PipelineFunction, props: PipelineStackProps): void {
    const { data, configuration } = props;
    const created = new HouseFunction(this, pascalCase(spec.name), {
      bundleFolder: props.bundles[spec.name].folder,
      memoryMb: spec.memoryMb,
      timeoutSeconds: spec.timeoutSeconds,
      environment: functionEnvironment(props),
    });
    created.bindTable(data.table);
    created.bindBucket(data.bucket, { deletes: spec.deletes });
    created.consume(data.queues.get(spec.name)!.queue, { maxConcurrency: spec.maxConcurrency });
    for (const name of spec.sendsTo) created.bindQueue(name, data.queues.get(name)!.queue);
    if (spec.secrets !== undefined) this.#bindSecrets(created, configuration.secretReferences[spec.secrets], data);
    if (spec.publishes) bindTopics(created, configuration.topicArns, data);
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
