import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import type { AwsClients } from '#shared/adapters/aws/clients.ts';

/** Makes up for what the emulator gets wrong of policies: a secret's `Ref` is its name there, so that the policy that names
 *  it does not match what is asked for. */
export async function allowSecret(
  { clients, endpoint }: { readonly clients: AwsClients; readonly endpoint: string },
  secret: { readonly name: string; readonly roleStart: string },
): Promise<void> {
  const { ARN } = await clients.secretsManager().send(new GetSecretValueCommand({ SecretId: secret.name }));
  const roles = await askIam(endpoint, { Action: 'ListRoles', MaxItems: '200' });
  const names = [...roles.matchAll(/<RoleName>([^<]+)<\/RoleName>/g)].map(([, name]) => name);
  const name = names.find((candidate) => candidate.startsWith(secret.roleStart));
  if (name === undefined) throw new Error(`Cannot find role "${secret.roleStart}…": got ${names.join(', ')}`);
  const statement = { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: ARN };
  await askIam(endpoint, {
    Action: 'PutRolePolicy',
    RoleName: name,
    PolicyName: 'SecretByItsArn',
    PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
  });
}

/** Nothing else here needs a client of IAM. */
async function askIam(endpoint: string, parameters: Readonly<Record<string, string>>): Promise<string> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/iam/aws4_request' },
    body: new URLSearchParams({ Version: '2010-05-08', ...parameters }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`Cannot ask IAM for ${parameters.Action}: got status ${response.status}: ${text}`);
  return text;
}
