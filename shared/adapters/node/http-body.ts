import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { HttpRequestError } from '#shared/ports/http-client.ts';

/** Compressed bytes may exceed the limit by this: gzip adds a header to what does not compress. */
const GZIP_OVERHEAD_BYTES = 65_536;

/** Reads a whole body, with gzip undone.
 *  @throws {HttpRequestError} `too-large` as soon as more than `maxBytes` came, `protocol` when it is not whole. */
export async function readBody(response: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  if (!isGzip(response)) return collect(response, maxBytes);
  const gunzip = createGunzip();
  let compressedBytes = 0;
  response.on('data', (chunk: Uint8Array) => {
    compressedBytes += chunk.length;
    // Empty gzip members cost much to read and yield nothing.
    if (compressedBytes > maxBytes + GZIP_OVERHEAD_BYTES) gunzip.destroy(tooLarge());
  });
  response.on('error', (error) => gunzip.destroy(error));
  return collect(response.pipe(gunzip), maxBytes);
}

/** Whether `readBody` undoes an encoding, so that headers must not speak of it. */
export function isGzip(response: IncomingMessage): boolean {
  return /^(x-)?gzip$/i.test(response.headers['content-encoding'] ?? '');
}

async function collect(stream: Readable, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    throw bodyError(error);
  }
  return join(chunks, bytes);
}

/** zlib's words → Go's. */
const GZIP_PROBLEMS: Readonly<Record<string, string>> = {
  'incorrect header check': 'invalid header',
  'incorrect data check': 'invalid checksum',
  'incorrect length check': 'invalid checksum',
};

/** Prometheus's words. @see prometheus/scrape/scrape.go errBodySizeLimit */
function tooLarge(): HttpRequestError {
  return new HttpRequestError('too-large', 'body size limit exceeded');
}

function bodyError(error: unknown): unknown {
  if (error instanceof HttpRequestError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'ECONNRESET' || code === 'Z_BUF_ERROR') {
    return new HttpRequestError('protocol', 'unexpected EOF', { cause: error });
  }
  if (code.startsWith('Z_'))
    return new HttpRequestError('protocol', `gzip: ${GZIP_PROBLEMS[message] ?? message}`, { cause: error });
  return error;
}

function join(chunks: readonly Uint8Array[], bytes: number): Uint8Array {
  const body = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}
