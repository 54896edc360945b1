import { goQuote } from '#shared/model/labels.ts';
import { type HttpFailure, HttpRequestError } from '#shared/ports/http-client.ts';

interface SystemError extends Error {
  readonly code?: string;
  readonly syscall?: string;
  readonly address?: string;
  readonly port?: number;
  readonly reason?: string;
  readonly rawPacket?: Buffer;
  readonly cert?: { readonly subjectaltname?: string };
}

const CONNECT_PROBLEMS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by peer',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  ETIMEDOUT: 'connection timed out',
  EADDRNOTAVAIL: 'cannot assign requested address',
  EACCES: 'permission denied',
  EPIPE: 'broken pipe',
};

const UNKNOWN_AUTHORITY = 'x509: certificate signed by unknown authority';
const OUTDATED = 'x509: certificate has expired or is not yet valid';

const CERTIFICATE_PROBLEMS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  CERT_UNTRUSTED: UNKNOWN_AUTHORITY,
  INVALID_CA: UNKNOWN_AUTHORITY,
  CERT_HAS_EXPIRED: OUTDATED,
  CERT_NOT_YET_VALID: OUTDATED,
  CERT_REVOKED: 'x509: certificate is revoked',
};

/** What went wrong below HTTP, in the words of Go's `net`, `crypto/tls` and `net/http`. */
export function translateNetworkError(error: unknown): HttpRequestError {
  if (error instanceof HttpRequestError) return error;
  // Several addresses were tried: Go reports the first.
  if (error instanceof AggregateError && error.errors.length > 0) return translateNetworkError(error.errors[0]);
  const system = error as SystemError;
  const [kind, message] = describe(system);
  return new HttpRequestError(kind, message, { cause: error });
}

function describe(error: SystemError): [HttpFailure, string] {
  const code = error.code ?? '';
  if (error.syscall === 'connect') return describeDial(error, code);
  if (CERTIFICATE_PROBLEMS[code] !== undefined) return ['tls', certificateProblem(CERTIFICATE_PROBLEMS[code])];
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return ['tls', certificateProblem(describeNames(error))];
  if (/^(ERR_SSL_|ERR_TLS_|ERR_OSSL_|EPROTO$)/.test(code)) return ['tls', describeTls(error)];
  if (code.startsWith('HPE_'))
    return ['protocol', `net/http: HTTP/1.x transport connection broken: ${describeHttp(error)}`];
  // Node's "socket hang up" and "aborted": the other side closed before the answer was whole.
  if (code === 'ECONNRESET' && error.syscall === undefined) return ['protocol', 'EOF'];
  const problem = CONNECT_PROBLEMS[code];
  return ['protocol', problem === undefined ? error.message : `${error.syscall ?? 'read'}: ${problem}`];
}

function describeDial(error: SystemError, code: string): [HttpFailure, string] {
  const host = error.address?.includes(':') ? `[${error.address}]` : error.address;
  const problem = CONNECT_PROBLEMS[code] ?? code;
  const kind = code === 'ETIMEDOUT' ? 'timeout' : 'refused';
  return [kind, `dial tcp ${host}:${error.port}: connect: ${problem}`];
}

/** The parser stopped in the first line: what came is not HTTP. */
const NO_STATUS_LINE = new Set(['HPE_INVALID_CONSTANT', 'HPE_INVALID_VERSION', 'HPE_INVALID_STATUS']);
const SHOWN_LINE_LENGTH = 100;

function describeHttp({ code = '', reason, message, rawPacket }: SystemError): string {
  if (!NO_STATUS_LINE.has(code) || rawPacket === undefined) return reason ?? message;
  const [line] = rawPacket.toString('latin1').split(/\r?\n/, 1);
  return `malformed HTTP response ${goQuote(line.slice(0, SHOWN_LINE_LENGTH))}`;
}

function describeTls(error: SystemError): string {
  const reason = error.reason ?? /:SSL routines:[^:]*:([^:]+):/.exec(error.message)?.[1];
  // What "HTTP/1.1 400" reads as where a record's version is expected.
  if (reason === 'wrong version number') return 'http: server gave HTTP response to HTTPS client';
  return `tls: ${reason ?? error.message}`;
}

function certificateProblem(problem: string): string {
  return `tls: failed to verify certificate: ${problem}`;
}

function describeNames(error: SystemError): string {
  const wanted = /Host: (\S+)\. is not|IP: (\S+) is not/.exec(error.message);
  const [, host, address] = wanted ?? [];
  const alternatives = error.cert?.subjectaltname ?? '';
  if (address !== undefined && !alternatives.includes('IP Address:')) {
    return `x509: cannot validate certificate for ${address} because it doesn't contain any IP SANs`;
  }
  const names = alternatives.replaceAll(/(?:DNS|IP Address):/g, '');
  const name = host ?? address;
  if (names === '' || name === undefined) return `x509: ${error.message}`;
  return `x509: certificate is valid for ${names}, not ${name}`;
}

/** The same of a connection to a proxy, which Go says first. */
export function translateProxyError(error: unknown): HttpRequestError {
  const { kind, message } = translateNetworkError(error);
  const dialled = message.startsWith('dial tcp') && kind !== 'blocked';
  return new HttpRequestError(kind, dialled ? `proxyconnect tcp: ${message}` : message, { cause: error });
}
