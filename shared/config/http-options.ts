import type { HttpClientConfig, HttpHeaderConfig, SecretText, TlsConfig } from './http-config.ts';

/** Where secrets and files come from: the ports `Secrets` and `Files`, in what is needed of them. */
export interface HttpOptionsDeps {
  readonly secrets: { get(reference: string): Promise<string> };
  readonly files: { read(path: string): Promise<string> };
}

/** What a request needs of its `<http_config>`; fits the port `HttpRequest`. */
export interface HttpOptions {
  /** `Authorization` and the headers of `http_headers`. Hold secrets. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls?: ResolvedTls;
  readonly proxyUrl?: string;
  readonly followRedirects: boolean;
}

interface ResolvedTls {
  /** PEM texts. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly serverName?: string;
  readonly insecureSkipVerify: boolean;
}

/** Reads the secrets and files of an `<http_config>` anew, so that a changed one is used at once.
 *  @throws {Error} When one cannot be read; the message says which, and holds no secret.
 *  @see prometheus/common/config/http_config.go NewRoundTripperFromConfigWithContext */
export async function resolveHttpOptions(config: HttpClientConfig, deps: HttpOptionsDeps): Promise<HttpOptions> {
  const authorization = await resolveAuthorization(config, deps);
  return {
    headers: { ...(await resolveHeaders(config.httpHeaders ?? {}, deps)), ...authorization },
    tls: config.tls && (await resolveTls(config.tls, deps)),
    proxyUrl: config.proxyUrl,
    followRedirects: config.followRedirects,
  };
}

/** A value with up to three places to come from, of which one at most is set. */
interface Source {
  readonly text?: string | SecretText;
  readonly file?: string;
  readonly ref?: string;
}

async function resolveSource(what: string, source: Source, deps: HttpOptionsDeps): Promise<string | undefined> {
  try {
    if (source.file) return (await deps.files.read(source.file)).trim();
    if (source.ref) return (await deps.secrets.get(source.ref)).trim();
  } catch (error) {
    throw new Error(`unable to read ${what}: ${(error as Error).message}`, { cause: error });
  }
  return typeof source.text === 'object' ? source.text.reveal() : source.text;
}

async function resolveAuthorization(
  { basicAuth, authorization }: HttpClientConfig,
  deps: HttpOptionsDeps,
): Promise<Readonly<Record<string, string>>> {
  if (basicAuth !== undefined) {
    const { username, usernameFile, usernameRef, password, passwordFile, passwordRef } = basicAuth;
    const user = { text: username, file: usernameFile, ref: usernameRef };
    const pass = { text: password, file: passwordFile, ref: passwordRef };
    const name = (await resolveSource('basic auth username', user, deps)) ?? '';
    const word = (await resolveSource('basic auth password', pass, deps)) ?? '';
    return { Authorization: `Basic ${base64(`${name}:${word}`)}` };
  }
  if (authorization !== undefined) {
    const { type, credentials, credentialsFile, credentialsRef } = authorization;
    const source = { text: credentials, file: credentialsFile, ref: credentialsRef };
    const value = (await resolveSource('authorization credentials', source, deps)) ?? '';
    return { Authorization: `${type} ${value}` };
  }
  return {};
}

async function resolveHeaders(
  headers: Readonly<Record<string, HttpHeaderConfig>>,
  deps: HttpOptionsDeps,
): Promise<Readonly<Record<string, string>>> {
  const resolved: Record<string, string> = {};
  for (const [name, { values = [], secrets = [], files = [] }] of Object.entries(headers)) {
    const fromFiles = files.map((file) => resolveSource(`header ${name}`, { file }, deps));
    const all = [...values, ...secrets.map((secret) => secret.reveal()), ...(await Promise.all(fromFiles))];
    if (all.length > 0) resolved[name] = all.join(', ');
  }
  return resolved;
}

async function resolveTls(tls: TlsConfig, deps: HttpOptionsDeps): Promise<ResolvedTls> {
  return {
    ca: await resolveSource('CA cert', { text: tls.ca, file: tls.caFile, ref: tls.caRef }, deps),
    cert: await resolveSource('client cert', { text: tls.cert, file: tls.certFile, ref: tls.certRef }, deps),
    key: await resolveSource('client key', { text: tls.key, file: tls.keyFile, ref: tls.keyRef }, deps),
    serverName: tls.serverName,
    insecureSkipVerify: tls.insecureSkipVerify,
  };
}

/** Of the text's UTF-8 bytes. */
function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
