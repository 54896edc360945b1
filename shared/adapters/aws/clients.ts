import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The AWS clients of a process, made on first use, as most functions need only some. */
export interface AwsClients {
  s3(): S3Client;
  dynamodb(): DynamoDBClient;
  sqs(): SQSClient;
  /** @param region Where the topic is. @default The process's. */
  sns(region?: string): SNSClient;
  secretsManager(): SecretsManagerClient;
  ssm(): SSMClient;
  /** Ends open connections. */
  close(): void;
}

/** A call is tried up to five times, so a service that is overloaded for a second or two is not seen above. */
const MAX_ATTEMPTS = 5;

/** Services in the same region answer in milliseconds; what takes longer is lost, and trying again is quicker. */
const FAST_DEADLINES = {
  connectionTimeout: 1000,
  requestTimeout: 3000,
  socketTimeout: 5000,
  throwOnRequestTimeout: true,
} as const;
/** Objects are megabytes, and the deadline runs until the answer begins, after the body is sent. */
const OBJECT_DEADLINES = {
  connectionTimeout: 1000,
  requestTimeout: 15_000,
  socketTimeout: 15_000,
  throwOnRequestTimeout: true,
} as const;

/** @param env Region, credentials and endpoints under the names that the AWS SDK knows. Where it has no credentials the
 *  SDK looks in its own places. */
export function createAwsClients(env: Environment): AwsClients {
  const made = new Map<string, { destroy(): void }>();
  const once = <T extends { destroy(): void }>(key: string, make: () => T): T => {
    const client = (made.get(key) as T | undefined) ?? make();
    made.set(key, client);
    return client;
  };
  const fast = (service: string) => ({ ...commonOptions(env, service), requestHandler: { ...FAST_DEADLINES } });
  return {
    s3: () =>
      once('s3', () => {
        const options = commonOptions(env, 'S3');
        const emulated = options.endpoint !== undefined;
        return new S3Client({ ...options, requestHandler: { ...OBJECT_DEADLINES }, forcePathStyle: emulated });
      }),
    dynamodb: () => once('dynamodb', () => new DynamoDBClient(fast('DYNAMODB'))),
    sqs: () => once('sqs', () => new SQSClient(fast('SQS'))),
    sns: (region) => once(`sns ${region}`, () => new SNSClient({ ...fast('SNS'), ...(region && { region }) })),
    secretsManager: () => once('secretsmanager', () => new SecretsManagerClient(fast('SECRETS_MANAGER'))),
    ssm: () => once('ssm', () => new SSMClient(fast('SSM'))),
    close() {
      for (const client of made.values()) client.destroy();
      made.clear();
    },
  };
}

function commonOptions(env: Environment, service: string) {
  const endpoint = env[`AWS_ENDPOINT_URL_${service}`] || env.AWS_ENDPOINT_URL || undefined;
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || undefined;
  return {
    ...(region && { region }),
    ...(endpoint && { endpoint }),
    ...credentialsOf(env),
    maxAttempts: MAX_ATTEMPTS,
    // Standard waits at random between tries and has a budget of them; adaptive would hold back the calls that succeed too.
    retryMode: 'standard',
  };
}

function credentialsOf(env: Environment) {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: token } = env;
  if (!accessKeyId || !secretAccessKey) return {};
  return { credentials: { accessKeyId, secretAccessKey, ...(token && { sessionToken: token }) } };
}
