import { type AwsRequest, type MeterableClient, meterRequests } from './request-meter.ts';

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A service of AWS and how its client is made. A bundle has the clients of the services that it names. */
export interface AwsService<Client> {
  /** As in the variable of its endpoint: `AWS_ENDPOINT_URL_S3`. */
  readonly name: string;
  make(options: ClientOptions): Client;
}

/** What all clients are made with. */
export interface ClientOptions {
  readonly region?: string;
  readonly endpoint?: string;
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  readonly maxAttempts: number;
  readonly retryMode: string;
}

/** The AWS clients of a process, made on first use, as most functions need only some. */
export interface ClientPool {
  /** The client of a service, the same one each time. @param region @default The process's. */
  of<Client extends PooledClient>(service: AwsService<Client>, region?: string): Client;
  /** Ends open connections. */
  close(): void;
}

export interface PooledClient extends MeterableClient {
  destroy(): void;
}

/** A call is tried up to five times, so a service that is overloaded for a second or two is not seen above. */
const MAX_ATTEMPTS = 5;

/** @param env Region, credentials and endpoints under the names that the AWS SDK knows. Where it has no credentials the
 *  SDK looks in its own places.
 *  @param options.onRequest Told of each request that ends. */
export function createClientPool(
  env: Environment,
  options: { readonly onRequest?: (request: AwsRequest) => void } = {},
): ClientPool {
  const made = new Map<string, PooledClient>();
  return {
    of<Client extends PooledClient>(service: AwsService<Client>, region?: string) {
      const key = `${service.name} ${region ?? ''}`;
      const known = made.get(key) as Client | undefined;
      if (known !== undefined) return known;
      const client = service.make({ ...commonOptions(env, service.name), ...(region && { region }) });
      if (options.onRequest !== undefined) meterRequests(client, options.onRequest);
      made.set(key, client);
      return client;
    },
    close() {
      for (const client of made.values()) client.destroy();
      made.clear();
    },
  };
}

function commonOptions(env: Environment, service: string): ClientOptions {
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

function credentialsOf(env: Environment): Pick<ClientOptions, 'credentials'> {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: token } = env;
  if (!accessKeyId || !secretAccessKey) return {};
  return { credentials: { accessKeyId, secretAccessKey, ...(token && { sessionToken: token }) } };
}
