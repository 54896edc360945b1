import { existsSync, readFileSync } from 'node:fs';
import { Aws, CfnOutput, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpRoute, HttpRouteKey, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { ENVIRONMENT } from '#shared/adapters/aws/schema.ts';
import { VERSION } from '../../functions/aws/lambda-settings.ts';
import type { Bundles } from '../bundle.ts';
import type { ConfigurationFolder } from '../configuration-folder.ts';
import { HouseFunction } from '../constructs/house-function.ts';
import { Site } from '../constructs/site.ts';
import type { DeploymentContext } from '../context.ts';
import { functionEnvironment } from '../function-environment.ts';
import { API_SENDS_TO } from '../pipeline.ts';
import type { DataStack } from './data-stack.ts';

export interface ApiStackProps extends StackProps {
  readonly context: DeploymentContext;
  readonly configuration: ConfigurationFolder;
  readonly bundles: Bundles;
  readonly data: DataStack;
  /** The built dashboard. @default None: the API alone. */
  readonly dashboardFolder?: string;
}

/** Requests a second that are let through, and how many at once: a dashboard asks a dozen at a time. */
const THROTTLE = { rateLimit: 50, burstLimit: 100 } as const;
/** The gateway gives up after 30 s. */
const TIMEOUT_SECONDS = 29;

/** The entrance: the HTTP API, and the dashboard where it is built. */
export class ApiStack extends Stack {
  /** Under which users reach the API, without a slash at the end. */
  readonly externalUrl: string;

  constructor(scope: Construct, id: string, props: ApiStackProps) {
    super(scope, id, props);
    const { context, dashboardFolder } = props;
    const api = this.#createGateway();
    const site =
      dashboardFolder !== undefined && existsSync(dashboardFolder)
        ? new Site(this, 'Site', { dashboardFolder, api })
        : undefined;
    this.externalUrl = context.externalUrl ?? site?.url ?? api.apiEndpoint;
    const created = this.#createFunction(props);
    // No authorizer: requests are let in by our own code, the same as in the local process, which knows what is public.
    const route = new HttpRoute(this, 'Route', {
      httpApi: api,
      routeKey: HttpRouteKey.DEFAULT,
      integration: new HttpLambdaIntegration('Function', created.lambda),
    });
    Validations.of(route).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason: 'The function asks for the token of every request but those for health',
    });
    // Other stacks import it while there is no dashboard; without this, the first one could not be deployed.
    this.exportValue(api.apiEndpoint);
    new CfnOutput(this, 'ApiId', { value: api.apiId });
    new CfnOutput(this, 'ApiUrl', { value: api.apiEndpoint });
    new CfnOutput(this, 'ExternalUrl', { value: this.externalUrl });
    new CfnOutput(this, 'ReadToken', {
      value: `aws secretsmanager get-secret-value --region ${Aws.REGION} --query SecretString --output text --secret-id ${props.data.token.secretArn}`,
    });
  }

  #createGateway(): HttpApi {
    const api = new HttpApi(this, 'HttpApi', { createDefaultStage: false, description: 'Emberwatch' });
    const log = new LogGroup(this, 'AccessLog', {
      retention: RetentionDays.TWO_WEEKS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    api.addStage('DefaultStage', {
      stageName: '$default',
      autoDeploy: true,
      throttle: THROTTLE,
      accessLogSettings: {
        destination: new LogGroupLogDestination(log),
        format: AccessLogFormat.custom(ACCESS_LOG),
      },
    });
    return api;
  }

  #createFunction(props: ApiStackProps): HouseFunction {
    const { data, bundles } = props;
    const created = new HouseFunction(this, 'Api', {
      name: 'api',
      bundleFolder: bundles.api.folder,
      // A whole processor.
      memoryMb: 1769,
      timeoutSeconds: TIMEOUT_SECONDS,
      environment: {
        ...functionEnvironment({ ...props, externalUrl: this.externalUrl }),
        [ENVIRONMENT.apiTokenSecret]: `secretsmanager:${data.token.secretArn}`,
        [VERSION]: packageVersion(),
      },
    });
    created.watch(data.operatorTopic);
    created.bindTable(data.table);
    created.bindBucket(data.bucket);
    created.bindSecret(data.token.secretArn);
    for (const name of API_SENDS_TO) created.bindQueue(name, data.queues.get(name)!.queue);
    return created;
  }
}

/** One JSON object a request, without its query: that may name what nobody else is to read. */
const ACCESS_LOG = JSON.stringify({
  time: '$context.requestTime',
  requestId: '$context.requestId',
  ip: '$context.identity.sourceIp',
  method: '$context.httpMethod',
  path: '$context.path',
  status: '$context.status',
  responseBytes: '$context.responseLength',
  latencyMs: '$context.responseLatency',
  error: '$context.integrationErrorMessage',
});

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
