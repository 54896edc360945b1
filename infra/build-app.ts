import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { App, type AppProps, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { type Bundles, buildBundles } from './bundle.ts';
import { readConfigurationFolder } from './configuration-folder.ts';
import { readContext } from './context.ts';
import { Emberwatch } from './stages/emberwatch.ts';

export const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** How CDK itself behaves. Here and not in cdk.json, so that tests see what is deployed. */
const FEATURE_FLAGS = {
  '@aws-cdk/aws-iam:minimizePolicies': true,
  '@aws-cdk/core:checkSecretUsage': true,
  // Exports: what holds data cannot be deleted while functions use it.
  '@aws-cdk/core:defaultCrossStackReferences': 'strong',
};

/** The app with its one deployment, and the bundles that it deploys. */
export interface BuiltApp {
  readonly app: App;
  readonly emberwatch: Emberwatch;
  readonly bundles: Bundles;
}

/** What is not the context's to say. */
export interface BuildOptions {
  /** The built dashboard; left out where there is no such folder. @default dist/dashboard */
  readonly dashboardFolder?: string;
}

/** Makes the app: reads the context, validates the configuration, bundles the functions.
 *  @throws {TypeError} When a context flag cannot be read. @throws {ConfigError} When the configuration cannot be used. */
export async function buildApp(props: AppProps = {}, options: BuildOptions = {}): Promise<BuiltApp> {
  const app = new App({ ...props, context: { ...FEATURE_FLAGS, ...props.context } });
  const context = readContext((name) => app.node.tryGetContext(name));
  const configuration = await readConfigurationFolder(context.configurationFolder, ROOT, context.features);
  const bundles = buildBundles(ROOT, join(app.outdir, 'bundles'));
  const emberwatch = new Emberwatch(app, context.stage, {
    context,
    configuration,
    bundles,
    dashboardFolder: options.dashboardFolder ?? join(ROOT, 'dist/dashboard'),
    env: { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION },
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { app, emberwatch, bundles };
}
