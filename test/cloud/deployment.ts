import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { GetQueueAttributesCommand, ListQueuesCommand } from '@aws-sdk/client-sqs';
import type { AwsClients } from '#shared/adapters/aws/clients.ts';
import type { TestEmulator } from '#test/support/emulator.ts';
import { deployApp, destroyApp } from '../../localstack/cdk.ts';

/** Begins the names of the stacks, and with them those of the queues. */
const STAGE = 'Emberwatch';

/** What an API Gateway answered. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly durationMs: number;
}

/** The app as users deploy it, on an emulator. */
export interface Deployment {
  /** The outputs of all its stacks, by name. */
  readonly outputs: Readonly<Record<string, string>>;
  /** What the deployment said of the bundles, a line each. */
  readonly bundles: readonly string[];
  readonly deployMs: number;
  /** That opens its API. */
  readonly token: string;
  /** Asks its API, with its token where `token` is not another one; `null`: none. */
  ask(path: string, init?: RequestInit & { readonly token?: string | null }): Promise<Answer>;
  /** @param name Of the function that reads it. */
  queueUrl(name: string): string;
  /** Messages that wait or are worked on, by the URL of each dead-letter queue. */
  deadLetters(): Promise<ReadonlyMap<string, number>>;
  /** Messages that are due or worked on; not those that are delayed. */
  dueMessages(queueUrl: string): Promise<number>;
  /** Removes everything. @returns The URLs of queues that were left behind. */
  destroy(): Promise<readonly string[]>;
}

/** Bootstraps the emulator's account and deploys the app into it.
 *  @param options.folder An empty one, for what the CDK writes.
 *  @throws {Error} With what the CDK said, when it fails. */
export async function deploy(
  { emulator, clients }: { readonly emulator: TestEmulator; readonly clients: AwsClients },
  options: { readonly folder: string; readonly configurationFolder: string },
): Promise<Deployment> {
  const workplace = { environment: emulator.environment, folder: options.folder };
  const { outputs, said, deployMs } = await deployApp(workplace, options.configurationFolder);
  const token = await readToken(clients, outputs.ApiTokenSecretArn);
  const endpoint = `${emulator.environment.AWS_ENDPOINT_URL_S3}/_aws/execute-api/${outputs.ApiId}/$default`;
  const urls = await queueUrls(clients);
  const deadLetterUrls = urls.filter((url) => url.includes('DeadLetters'));
  const dueMessages = (url: string) => countMessages(clients, url);
  return {
    outputs,
    bundles: said.split('\n').filter((line) => /^[a-z-]+ +\d+ KB$/.test(line)),
    deployMs,
    token,
    ask: (path, init) => ask(endpoint + path, { token, ...init }),
    queueUrl: (name) => queueUrlOf(urls, name),
    dueMessages,
    async deadLetters() {
      const counts = await Promise.all(deadLetterUrls.map(dueMessages));
      return new Map(deadLetterUrls.map((url, i) => [url, counts[i]]));
    },
    async destroy() {
      await destroyApp(workplace);
      return queueUrls(clients);
    },
  };
}

async function readToken(clients: AwsClients, SecretId: string): Promise<string> {
  const { SecretString } = await clients.secretsManager().send(new GetSecretValueCommand({ SecretId }));
  return SecretString!;
}

async function queueUrls(clients: AwsClients): Promise<readonly string[]> {
  const answer = await clients.sqs().send(new ListQueuesCommand({ QueueNamePrefix: `${STAGE}-` }));
  return answer.QueueUrls ?? [];
}

/** CloudFormation names a queue after its stack and its construct. */
function queueUrlOf(urls: readonly string[], name: string): string {
  const construct = name.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const found = urls.filter((url) => url.includes(`/${STAGE}-Data-${construct}Queue`));
  if (found.length !== 1) throw new Error(`Cannot find queue "${name}": got ${urls.join(', ')}`);
  return found[0];
}

async function countMessages(clients: AwsClients, QueueUrl: string): Promise<number> {
  const { Attributes = {} } = await clients.sqs().send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible);
}

async function ask(url: string, init: RequestInit & { readonly token: string | null }): Promise<Answer> {
  const { token, ...rest } = init;
  const headers = new Headers(rest.headers);
  if (token !== null) headers.set('Authorization', `Bearer ${token}`);
  const startMs = performance.now();
  const response = await fetch(url, { ...rest, headers });
  const body = await response.text();
  return { status: response.status, body, durationMs: performance.now() - startMs };
}
