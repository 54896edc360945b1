import { goQuote } from '#shared/model/labels.ts';

/** Checks that a text is a URL with scheme http or https and a host, and gives it back as written.
 *  @throws {SyntaxError} With Alertmanager's words; the message never holds the text, which may be a secret.
 *  @see alertmanager/config/common/url.go ParseURL */
export function checkHttpUrl(text: string): string {
  const parts = parseUrlParts(text);
  if (parts.scheme !== 'http' && parts.scheme !== 'https') {
    throw new SyntaxError(`unsupported scheme ${goQuote(parts.scheme)} for URL`);
  }
  if (parts.host === '') throw new SyntaxError('missing host for URL');
  return text;
}

/** As `checkHttpUrl`, for a URL that may be the mask of a configuration shown by the API.
 *  @see alertmanager/config/common/url.go SecretURL */
export function checkSecretUrl(text: string): string {
  return text === '<secret>' ? text : checkHttpUrl(text);
}

/** Checks a proxy's URL. An empty one is none. @throws {SyntaxError} */
export function checkProxyUrl(text: string): string {
  if (text !== '') parseUrlParts(text);
  return text;
}

function parseUrlParts(text: string): { readonly scheme: string; readonly host: string } {
  if (hasControlCharacter(text)) throw new SyntaxError('net/url: invalid control character in URL');
  if (text.startsWith(':')) throw new SyntaxError('missing protocol scheme');
  const match = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?#]*))?/.exec(text)!;
  const authority = match[2] ?? '';
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const port = /:([^:\]]*)$/.exec(host)?.[1];
  if (port !== undefined && !/^[0-9]*$/.test(port)) {
    throw new SyntaxError(`invalid port ${goQuote(`:${port}`)} after host`);
  }
  if (host.startsWith('[') && !host.includes(']')) throw new SyntaxError("missing ']' in host");
  if (/[\s<>"]/.test(host)) throw new SyntaxError('invalid character in host name');
  return { scheme: (match[1] ?? '').toLowerCase(), host };
}

function hasControlCharacter(text: string): boolean {
  return /[\u0000-\u001f\u007f]/.test(text);
}
