import { type Environment, Tags } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Bundles } from '../bundle.ts';
import type { ConfigurationFolder } from '../configuration-folder.ts';
import type { DeploymentContext } from '../context.ts';
import { ApiStack } from '../stacks/api-stack.ts';
import { DataStack } from '../stacks/data-stack.ts';
import { PipelineStack } from '../stacks/pipeline-stack.ts';

export interface EmberwatchProps {
  /** The account and the region; those of the credentials at deployment where not given. */
  readonly env?: Environment;
  readonly context: DeploymentContext;
  readonly configuration: ConfigurationFolder;
  readonly bundles: Bundles;
  /** The built dashboard; left out where there is no such folder. */
  readonly dashboardFolder: string;
}

/** What cfn-lint remarks and the CDK writes on purpose: W3005, each function waits for its role's policies and its log
 *  group, and depends on the role itself besides; W6001, an output repeats what the stack imports. */
const LINT = { 'cfn-lint': { config: { ignore_checks: ['W3005', 'W6001'] } } };

/** One whole Emberwatch: what it holds, its entrance, and what works by itself. Its stacks stand in the app itself, so that
 *  `cdk synth` and `cdk deploy --all` find them. */
export class Emberwatch extends Construct {
  readonly data: DataStack;
  readonly api: ApiStack;
  readonly pipeline: PipelineStack;

  constructor(scope: Construct, id: string, props: EmberwatchProps) {
    super(scope, id);
    const { context, configuration, bundles, env } = props;
    const common = { env, context, configuration, bundles };
    const named = (stack: string) => ({ stackName: `${id}-${stack}`, ...common });
    this.data = new DataStack(this, 'Data', { ...named('Data'), terminationProtection: !context.emulator.disposable });
    this.api = new ApiStack(this, 'Api', {
      ...named('Api'),
      data: this.data,
      dashboardFolder: context.emulator.withoutSite ? undefined : props.dashboardFolder,
    });
    const { externalUrl } = this.api;
    this.pipeline = new PipelineStack(this, 'Pipeline', { ...named('Pipeline'), data: this.data, externalUrl });
    // The configuration has to be in the bucket before a function looks for it.
    this.api.addStackDependency(this.data);
    this.pipeline.addStackDependency(this.data);
    // It ends by letting go of the configuration before, which no function may read by then.
    this.pipeline.addStackDependency(this.api);
    for (const stack of [this.data, this.api, this.pipeline]) stack.templateOptions.metadata = LINT;
    Tags.of(this).add('app', 'emberwatch');
    Tags.of(this).add('stage', id);
  }
}
