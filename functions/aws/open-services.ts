import { openAwsPorts } from '#shared/adapters/aws/aws-ports.ts';
import { type ClientPool, createClientPool } from '#shared/adapters/aws/client-pool.ts';
import type { InvocationContext } from '#shared/adapters/aws/logger.ts';
import { ENVIRONMENT } from '#shared/adapters/aws/schema.ts';
import { createSystemClock } from '#shared/adapters/node/clock.ts';
import { createZstdCompression } from '#shared/adapters/node/compression.ts';
import { CLOUD_EGRESS, type EgressPolicy } from '#shared/adapters/node/egress-policy.ts';
import { createNodeHttpClient } from '#shared/adapters/node/http-client.ts';
import { createSystemRandom } from '#shared/adapters/node/random.ts';
import type { Clock } from '#shared/ports/clock.ts';
import type { Mailer } from '#shared/ports/mailer.ts';
import type { Ports } from '#shared/ports/ports.ts';
import type { Secrets } from '#shared/ports/secrets.ts';
import type { TopicPublisher } from '#shared/ports/topic.ts';
import { createServices, type Services } from '../services.ts';
import type { Settings } from '../settings.ts';
import { readEgress, readSettings, VERSION } from './lambda-settings.ts';
import { openTelemetry, type Telemetry } from './telemetry.ts';
import { createTokenSource, type TokenSource } from './token.ts';

/** What only some functions use. A function that does not name it has it neither in its bundle nor at hand. */
export interface FunctionParts {
  /** What the function leaves less for than others. */
  readonly limits?: Partial<Pick<Settings, 'queryTimeoutMs'>>;
  readonly secrets?: (pool: ClientPool, options: { readonly onRead: (secret: string) => void }) => Secrets;
  readonly topic?: (pool: ClientPool) => TopicPublisher;
  readonly mailer?: (options: { readonly clock: Clock; readonly egress: EgressPolicy }) => Mailer;
}

/** A function on AWS: what its handler works with, and how Lambda calls it. */
export interface OpenedFunction {
  readonly services: Services;
  /** Makes the Lambda handler of a handler. */
  serve<Event, Result>(
    handle: (event: Event) => Promise<Result>,
  ): (event: Event, context: InvocationContext) => Promise<Result>;
}

/** Opens what a handler works with, of the function's environment. Once per cold start.
 *  @throws {Error} When a variable of the environment is missing or cannot be read. */
export function openFunction(parts: FunctionParts = {}): OpenedFunction {
  const telemetry = openTelemetry(process.env);
  const settings = { ...readSettings(process.env), ...parts.limits };
  const services = createServices(openPorts(parts, telemetry), settings, telemetry.metrics);
  return { services, serve: (handle) => telemetry.observe(handle) };
}

/** The API's token, by the reference in the function's environment.
 *  @throws {TypeError} When there is none. */
export function openToken({ ports }: Services): TokenSource {
  return createTokenSource(ports, process.env[ENVIRONMENT.apiTokenSecret]);
}

/** The version of Emberwatch that is deployed. */
export function deployedVersion(): string {
  return process.env[VERSION] ?? 'unknown';
}

function openPorts({ secrets, topic, mailer }: FunctionParts, { logger, countRequest }: Telemetry): Ports {
  const clock = createSystemClock();
  const egress = { ...CLOUD_EGRESS, ...readEgress(process.env) };
  const pool = createClientPool(process.env, { onRequest: countRequest });
  const own = {
    clock,
    random: createSystemRandom(),
    http: createNodeHttpClient({ egress }),
    // Without a server of its own: mails go where the receiver's configuration says.
    mailer: mailer?.({ clock, egress }) ?? { send: () => refuse('send mail') },
    secrets: secrets?.(pool, { onRead: logger.hide }) ?? { get: () => refuse('read secret') },
    topic: topic?.(pool) ?? { publish: () => refuse('publish') },
    compression: createZstdCompression(),
    logger,
  };
  return openAwsPorts(process.env, own, { pool });
}

function refuse(attempted: string): Promise<never> {
  return Promise.reject(
    new Error(`Cannot ${attempted}: function ${process.env[ENVIRONMENT.service]} is not made for it`),
  );
}
