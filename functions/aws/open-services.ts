import { openAwsPorts } from '#shared/adapters/aws/aws-ports.ts';
import { ENVIRONMENT } from '#shared/adapters/aws/schema.ts';
import { createSystemClock } from '#shared/adapters/node/clock.ts';
import { createZstdCompression } from '#shared/adapters/node/compression.ts';
import { CLOUD_EGRESS } from '#shared/adapters/node/egress-policy.ts';
import { createNodeHttpClient } from '#shared/adapters/node/http-client.ts';
import { createSmtpMailer } from '#shared/adapters/node/mailer-smtp.ts';
import { createSystemRandom } from '#shared/adapters/node/random.ts';
import type { Ports } from '#shared/ports/ports.ts';
import { createServices, type Services } from '../services.ts';
import { type Environment, readEgress, readSettings, VERSION } from './lambda-settings.ts';
import { createTokenSource, type TokenSource } from './token.ts';

/** Makes what a handler works with, of the function's environment. Once per cold start.
 *  @param limits What the caller of the function leaves less time for.
 *  @throws {Error} When a variable of the environment is missing or cannot be read. */
export function openServices(limits: { readonly queryTimeoutMs?: number } = {}): Services {
  return createServices(openPorts(process.env), { ...readSettings(process.env), ...limits });
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

function openPorts(environment: Environment): Ports {
  const clock = createSystemClock();
  const egress = { ...CLOUD_EGRESS, ...readEgress(environment) };
  return openAwsPorts(environment, {
    clock,
    random: createSystemRandom(),
    http: createNodeHttpClient({ egress }),
    // Without a server of its own: mails go where the receiver's configuration says.
    mailer: createSmtpMailer({ clock, egress }),
    compression: createZstdCompression(),
  });
}
