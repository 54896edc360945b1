import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { AuthSettings } from './deps.ts';
import { ApiError } from './errors.ts';
import type { RequestHeaders } from './request.ts';

/** Paths that load balancers ask without credentials; they tell nothing. */
const PUBLIC_PATHS = new Set(['/-/healthy', '/-/ready']);

const READING_METHODS = new Set(['GET', 'HEAD']);

/** Lets a request through, or not: locked unless a token is shown or the caller is on this machine.
 *  @param request Its URL parsed.
 *  @throws {ApiError} */
export type AccessCheck = (
  request: { readonly method: string; readonly headers: RequestHeaders; readonly url: URL },
  caller: { readonly remoteIsLoopback: boolean },
) => void;

/** @param auth Looked at for each request: a token may change. */
export function createAccessCheck({
  auth,
  externalUrl,
}: {
  readonly auth: AuthSettings;
  readonly externalUrl: string;
}): AccessCheck {
  const externalHost = new URL(externalUrl).host;
  const isToken = createTokenCheck();
  return ({ method, headers, url }, { remoteIsLoopback }) => {
    const host = headers.get('host') ?? url.host;
    checkOrigin({ method, headers }, [host, externalHost]);
    if (PUBLIC_PATHS.has(url.pathname)) return;
    const { token, loopbackOpen } = auth;
    const shown = shownToken(headers);
    if (token !== undefined && shown !== undefined && isToken(shown, token)) return;
    if (loopbackOpen && remoteIsLoopback && !isForwarded(headers)) checkLoopbackHost(host);
    else throw token === undefined ? notConfigured() : unauthorized(shown === undefined);
  };
}

function notConfigured(): ApiError {
  return new ApiError(
    'forbidden',
    'no token is configured, so only callers on this machine are let in: set EMBERWATCH_TOKEN and send it as "Authorization: Bearer <token>"',
  );
}

/** Keeps pages of other sites from changing anything with the credentials that a browser adds by itself. */
function checkOrigin(
  { method, headers }: { readonly method: string; readonly headers: RequestHeaders },
  ownHosts: readonly string[],
): void {
  const origin = headers.get('origin');
  if (origin === null || READING_METHODS.has(method)) return;
  const host = originHost(origin);
  if (ownHosts.some((own) => own.toLowerCase() === host)) return;
  throw new ApiError('forbidden', `requests from pages of "${origin}" are refused: its host is not "${ownHosts[0]}"`);
}

function originHost(origin: string): string | undefined {
  return /^https?:\/\/([^/?#]+)$/i.exec(origin)?.[1].toLowerCase();
}

/** Whether a proxy stands between: the caller may then be anybody, wherever the proxy is. */
function isForwarded(headers: RequestHeaders): boolean {
  return ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some((name) => headers.has(name));
}

/** Keeps a page whose name was made to point at this machine from reading what is open to this machine. */
function checkLoopbackHost(host: string): void {
  if (isLoopbackHost(host)) return;
  throw new ApiError('forbidden', `requests without a token must be addressed to localhost, got host "${host}"`);
}

/** @param host With or without a port. */
function isLoopbackHost(host: string): boolean {
  const name = host.replace(/:[0-9]*$/, '').toLowerCase();
  if (name === 'localhost' || name.endsWith('.localhost') || name === '[::1]') return true;
  return /^127(?:\.(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})){3}$/.test(name);
}

/** What the caller shows as its token: a bearer token, or the password of basic authentication. */
function shownToken(headers: RequestHeaders): string | undefined {
  const [, scheme, credentials] = /^(\S+)\s+(\S+)\s*$/.exec(headers.get('authorization') ?? '') ?? [];
  if (scheme === undefined) return undefined;
  if (scheme.toLowerCase() === 'bearer') return credentials;
  if (scheme.toLowerCase() !== 'basic') return undefined;
  const decoded = decodeBase64(credentials);
  const colon = decoded?.indexOf(':') ?? -1;
  return colon < 0 ? undefined : decoded!.slice(colon + 1);
}

function decodeBase64(text: string): string | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)));
  } catch {
    // Of a wrong length: no credentials at all.
    return undefined;
  }
}

/** Makes a test of whether a text is the token. It takes the same time whether they differ early, late or in length:
 *  their hashes are compared, whole. */
function createTokenCheck(): (shown: string, token: string) => boolean {
  let known: { readonly token: string; readonly hash: Uint8Array } | undefined;
  return (shown, token) => {
    if (known?.token !== token) known = { token, hash: sha256(utf8ToBytes(token)) };
    return sameBytes(sha256(utf8ToBytes(shown)), known.hash);
  };
}

/** @param b As long as `a`. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i] ^ b[i];
  return difference === 0;
}

function unauthorized(missing: boolean): ApiError {
  const problem = missing ? 'a token is needed' : 'the token is not the right one';
  return new ApiError(
    'unauthorized',
    `${problem}: send it as "Authorization: Bearer <token>", or as a basic password`,
    {
      headers: { 'www-authenticate': 'Basic realm="Emberwatch", charset="UTF-8"' },
    },
  );
}
