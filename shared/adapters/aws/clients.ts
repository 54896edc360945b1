import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { type AwsService, type ClientPool, createClientPool, type Environment } from './client-pool.ts';

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

export const S3: AwsService<S3Client> = {
  name: 'S3',
  make: (options) =>
    new S3Client({
      ...options,
      requestHandler: { ...OBJECT_DEADLINES },
      forcePathStyle: options.endpoint !== undefined,
    }),
};

export const DYNAMODB: AwsService<DynamoDBClient> = {
  name: 'DYNAMODB',
  make: (options) => new DynamoDBClient({ ...options, requestHandler: { ...FAST_DEADLINES } }),
};

export const SQS: AwsService<SQSClient> = {
  name: 'SQS',
  make: (options) => new SQSClient({ ...options, requestHandler: { ...FAST_DEADLINES } }),
};

export const SNS: AwsService<SNSClient> = {
  name: 'SNS',
  make: (options) => new SNSClient({ ...options, requestHandler: { ...FAST_DEADLINES } }),
};

export const SECRETS_MANAGER: AwsService<SecretsManagerClient> = {
  name: 'SECRETS_MANAGER',
  make: (options) => new SecretsManagerClient({ ...options, requestHandler: { ...FAST_DEADLINES } }),
};

export const SSM: AwsService<SSMClient> = {
  name: 'SSM',
  make: (options) => new SSMClient({ ...options, requestHandler: { ...FAST_DEADLINES } }),
};

/** The clients of all services that we use, by name: for tools. Functions name those that they need of a pool. */
export interface AwsClients {
  s3(): S3Client;
  dynamodb(): DynamoDBClient;
  sqs(): SQSClient;
  /** @param region Where the topic is. @default The process's. */
  sns(region?: string): SNSClient;
  secretsManager(): SecretsManagerClient;
  ssm(): SSMClient;
  readonly pool: ClientPool;
  /** Ends open connections. */
  close(): void;
}

/** @param env As `createClientPool` takes it. */
export function createAwsClients(env: Environment): AwsClients {
  const pool = createClientPool(env);
  return {
    pool,
    s3: () => pool.of(S3),
    dynamodb: () => pool.of(DYNAMODB),
    sqs: () => pool.of(SQS),
    sns: (region) => pool.of(SNS, region),
    secretsManager: () => pool.of(SECRETS_MANAGER),
    ssm: () => pool.of(SSM),
    close: () => pool.close(),
  };
}
