import type { AuthSettings } from '#shared/api/deps.ts';
import type { Ports } from '#shared/ports/ports.ts';

/** How long a token that was replaced in Secrets Manager still opens a warm function. */
const MAX_AGE_MS = 300_000;

/** The API's token, from Secrets Manager. */
export interface TokenSource {
  readonly auth: AuthSettings;
  /** Reads the token where it was not read for five minutes; to be awaited before each request. While a token is known,
   *  a failure to read it again is only logged.
   *  @throws {Error} When no token could be read yet. */
  refresh(): Promise<void>;
}

/** @param reference Of the secret whose text is the token: `secretsmanager:ARN`.
 *  @throws {TypeError} When there is none: this API never runs open. */
export function createTokenSource(
  { clock, secrets, logger }: Pick<Ports, 'clock' | 'secrets' | 'logger'>,
  reference: string | undefined,
): TokenSource {
  if (!reference) throw new TypeError('Cannot start: API_TOKEN_SECRET is not set, expected the reference of a secret');
  let token: string | undefined;
  let readAtMs = Number.NEGATIVE_INFINITY;
  return {
    auth: {
      get token() {
        return token;
      },
      loopbackOpen: false,
    },
    async refresh() {
      if (clock.monotonicMs() - readAtMs < MAX_AGE_MS) return;
      try {
        token = await secrets.get(reference);
        readAtMs = clock.monotonicMs();
      } catch (error) {
        if (token === undefined) throw error;
        logger.error('Cannot read the API token again, the one before stays', { error });
      }
    },
  };
}
