import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { Secrets } from '#shared/ports/secrets.ts';
import type { ClientPool } from './client-pool.ts';
import { SECRETS_MANAGER, SSM } from './clients.ts';
import { awsErrorName } from './errors.ts';

/** The clients that secrets are read with, made when a reference needs one. */
export interface SecretClients {
  secretsManager(): SecretsManagerClient;
  ssm(): SSMClient;
}

/** What a missing or deleted secret is answered with. */
const ABSENT = ['ResourceNotFoundException', 'ParameterNotFound', 'ParameterVersionNotFound'];

/** Reads `secretsmanager:ARN` (or name) and `ssm:NAME`. Each call asks the service: a rotated secret is seen at once.
 *  @param options.onRead Gets each secret, for who has to keep it out of what others read. */
export function createAwsSecrets(
  clients: SecretClients,
  options: { readonly onRead?: (secret: string) => void } = {},
): Secrets {
  return {
    async get(reference) {
      const secret = await read(reference, clients);
      if (secret === undefined) throw new Error(`Cannot read secret "${reference}": there is none`);
      if (secret === '') throw new Error(`Cannot read secret "${reference}": it is empty`);
      options.onRead?.(secret);
      return secret;
    },
  };
}

/** The same with the clients of a pool. */
export function createPooledSecrets(
  pool: ClientPool,
  options: { readonly onRead?: (secret: string) => void } = {},
): Secrets {
  return createAwsSecrets({ secretsManager: () => pool.of(SECRETS_MANAGER), ssm: () => pool.of(SSM) }, options);
}

async function read(reference: string, clients: SecretClients): Promise<string | undefined> {
  const name = reference.slice(reference.indexOf(':') + 1);
  try {
    if (reference.startsWith('secretsmanager:')) return await readSecret(name, clients);
    if (reference.startsWith('ssm:')) return await readParameter(name, clients);
  } catch (error) {
    if (ABSENT.includes(awsErrorName(error))) return undefined;
    // Not the service's message: of a parse error it could quote the secret.
    throw new Error(`Cannot read secret "${reference}": ${awsErrorName(error)}`, { cause: error });
  }
  throw new Error(`Cannot read secret "${reference}": expected "secretsmanager:ARN" or "ssm:NAME"`);
}

async function readSecret(SecretId: string, clients: SecretClients): Promise<string | undefined> {
  const answer = await clients.secretsManager().send(new GetSecretValueCommand({ SecretId }));
  return answer.SecretString ?? (answer.SecretBinary && new TextDecoder().decode(answer.SecretBinary));
}

async function readParameter(Name: string, clients: SecretClients): Promise<string | undefined> {
  const answer = await clients.ssm().send(new GetParameterCommand({ Name, WithDecryption: true }));
  return answer.Parameter?.Value;
}
