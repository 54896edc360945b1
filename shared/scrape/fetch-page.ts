import { resolveHttpOptions } from '#shared/config/http-options.ts';
import type { ScrapeConfig } from '#shared/config/prometheus-config.ts';
import { acceptHeader, formatOf } from '#shared/exposition/negotiation.ts';
import type { ExpositionFormat } from '#shared/exposition/page.ts';
import { formatFloatPlain } from '#shared/model/float.ts';
import type { Files } from '#shared/ports/files.ts';
import { type HttpClient, HttpRequestError } from '#shared/ports/http-client.ts';
import type { Secrets } from '#shared/ports/secrets.ts';
import type { Target } from './target.ts';

/** What came back from a target. A failure's `error` is for the targets page. */
export type FetchedPage =
  | { readonly ok: true; readonly body: Uint8Array; readonly format: ExpositionFormat }
  | {
      readonly ok: false;
      readonly error: string /** −1 when the body was too large, else 0. */;
      readonly bodySizeBytes: 0 | -1;
    };

export interface FetchPorts {
  readonly http: HttpClient;
  readonly secrets: Secrets;
  readonly files: Files;
}

export const USER_AGENT = 'Emberwatch/0.1.0';

/** No page is this large; keeps a hostile target from filling the memory where no `body_size_limit` is set. */
const DEFAULT_MAX_BODY_BYTES = 256 * 1024 * 1024;

/** Asks a target for its page.
 *  @throws {HttpRequestError} Only of kind `aborted`: our own shutdown, which says nothing of the target. */
export async function fetchPage(
  target: Pick<Target, 'scrapeUrl' | 'timeoutMs'>,
  config: ScrapeConfig,
  ports: FetchPorts,
): Promise<FetchedPage> {
  try {
    const { headers, tls, proxyUrl, followRedirects } = await resolveHttpOptions(config.http, ports);
    const response = await ports.http.request({
      method: 'GET',
      url: target.scrapeUrl,
      headers: { ...headers, ...scrapeHeaders(target, config) },
      timeoutMs: target.timeoutMs,
      // Upstream refuses a body of exactly the limit too.
      maxBodyBytes: config.bodySizeLimitBytes > 0 ? config.bodySizeLimitBytes - 1 : DEFAULT_MAX_BODY_BYTES,
      followRedirects,
      tls,
      proxyUrl,
    });
    if (response.status !== 200) {
      return failure(`server returned HTTP status ${response.status} ${response.statusText}`.trimEnd());
    }
    const chosen = formatOf(response.headers['content-type'], config.fallbackScrapeProtocol);
    if ('error' in chosen && response.body.length > 0) return failure(chosen.error);
    const format = 'format' in chosen ? chosen.format : 'PrometheusText0.0.4';
    return { ok: true, body: response.body, format };
  } catch (error) {
    if (!(error instanceof HttpRequestError) || error.kind === 'aborted') throw error;
    if (error.kind === 'too-large') return { ok: false, error: 'body size limit exceeded', bodySizeBytes: -1 };
    return failure(error.message);
  }
}

function failure(error: string): FetchedPage {
  return { ok: false, error, bodySizeBytes: 0 };
}

function scrapeHeaders(target: Pick<Target, 'timeoutMs'>, config: ScrapeConfig): Record<string, string> {
  return {
    Accept: acceptHeader(config.scrapeProtocols),
    'Accept-Encoding': config.enableCompression ? 'gzip' : 'identity',
    'User-Agent': USER_AGENT,
    'X-Prometheus-Scrape-Timeout-Seconds': formatFloatPlain(target.timeoutMs / 1000),
  };
}
