import { ENVIRONMENT } from '#shared/adapters/aws/schema.ts';
import { ALLOW_LOOPBACK } from '../functions/aws/lambda-settings.ts';
import type { ConfigurationFolder } from './configuration-folder.ts';
import type { DeploymentContext } from './context.ts';

/** The variables that all functions with services have, besides those that come with a binding. */
export function functionEnvironment(settings: {
  readonly context: DeploymentContext;
  readonly configuration: ConfigurationFolder;
  readonly externalUrl: string;
}): Record<string, string> {
  const { context, configuration, externalUrl } = settings;
  return {
    [ENVIRONMENT.configPrefix]: configuration.prefix,
    [ENVIRONMENT.externalUrl]: externalUrl,
    [ENVIRONMENT.retention]: context.retention,
    ...(context.features === '' ? {} : { [ENVIRONMENT.features]: context.features }),
    [ENVIRONMENT.stage]: context.stage,
    [ENVIRONMENT.logLevel]: context.logLevel,
    ...(context.emulator.loopbackTargets ? { [ALLOW_LOOPBACK]: 'true' } : {}),
  };
}
