import { gzipSync } from 'node:zlib';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** Lambda answers at most 6 MB; the rest is room for headers and for the characters that JSON escapes. */
const MAX_RESULT_BYTES = 5_500_000;
/** Below this, compressing costs more than it saves. */
const MIN_GZIP_BYTES = 1024;
const TEXT_TYPE = /^(?:text\/|application\/(?:json|yaml|xml|javascript|openmetrics-text))/;

/** Makes the request that an API Gateway HTTP API (payload format 2.0) handed over.
 *  @returns `undefined` when it is none that can be answered, such as one with method TRACE. */
export function toRequest(event: APIGatewayProxyEventV2): Request | undefined {
  const { method } = event.requestContext.http;
  const query = event.rawQueryString === '' ? '' : `?${event.rawQueryString}`;
  const url = `https://${event.requestContext.domainName}${encodedPath(event.rawPath)}${query}`;
  const hasBody = method !== 'GET' && method !== 'HEAD' && event.body !== undefined;
  try {
    return new Request(url, { method, headers: headersOf(event), body: hasBody ? bodyOf(event) : undefined });
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** The gateway decodes the path once: what would end it or be decoded again is encoded back. */
function encodedPath(rawPath: string): string {
  return rawPath
    .replaceAll(/%(?![0-9A-Fa-f]{2})/g, '%25')
    .replaceAll('?', '%3F')
    .replaceAll('#', '%23');
}

/** The gateway joins repeated headers with commas, and keeps cookies apart. */
function headersOf({ headers, cookies }: APIGatewayProxyEventV2): Headers {
  const result = new Headers();
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) result.set(name, value);
  if (cookies !== undefined && cookies.length > 0) result.set('cookie', cookies.join('; '));
  return result;
}

function bodyOf({ body = '', isBase64Encoded }: APIGatewayProxyEventV2): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'));
}

/** Makes the gateway's answer of a response: bytes as base64, texts as they are, long ones compressed where the caller
 *  takes gzip. One that is too long for Lambda becomes an error that says so. */
export async function toResult(
  response: Response,
  acceptEncoding: string | null,
): Promise<APIGatewayProxyStructuredResultV2> {
  const body = Buffer.from(await response.arrayBuffer());
  const headers = new Headers(response.headers);
  const cookies = headers.getSetCookie();
  headers.delete('set-cookie');
  // The gateway counts for itself.
  headers.delete('content-length');
  const encoded = encode(body, headers, acceptEncoding);
  if (encoded.body.length > MAX_RESULT_BYTES) return tooLong(body.length);
  const statusCode = response.status;
  return { statusCode, ...encoded, headers: Object.fromEntries(headers), ...(cookies.length > 0 ? { cookies } : {}) };
}

interface EncodedBody {
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

function encode(body: Buffer, headers: Headers, acceptEncoding: string | null): EncodedBody {
  const isEncoded = headers.has('content-encoding');
  const isText = !isEncoded && TEXT_TYPE.test(headers.get('content-type') ?? '');
  if (isText) headers.append('vary', 'accept-encoding');
  if (isText && body.length >= MIN_GZIP_BYTES && takesGzip(acceptEncoding)) {
    headers.set('content-encoding', 'gzip');
    return { body: gzipSync(body, { level: 6 }).toString('base64'), isBase64Encoded: true };
  }
  const text = isText ? body.toString('utf8') : undefined;
  // A page may say it is text and not be; its bytes arrive all the same.
  if (text !== undefined && Buffer.byteLength(text) === body.length && !text.includes('\uFFFD')) {
    return { body: text, isBase64Encoded: false };
  }
  return { body: body.toString('base64'), isBase64Encoded: body.length > 0 };
}

function takesGzip(acceptEncoding: string | null): boolean {
  return (acceptEncoding ?? '').split(',').some((part) => {
    const [coding, ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    return (coding === 'gzip' || coding === '*') && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
}

function tooLong(sizeBytes: number): APIGatewayProxyStructuredResultV2 {
  const error = `response is ${sizeBytes} bytes, more than this deployment can send: ask for fewer series, a shorter range or a longer step, and accept gzip`;
  return {
    statusCode: 422,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ status: 'error', errorType: 'execution', error }),
    isBase64Encoded: false,
  };
}
