import { type ApiError, ERROR_STATUS } from './errors.ts';
import { encodeJson, JsonText, type JsonValue } from './json/go-json.ts';
import { encodeJsonChunks } from './json/json-chunks.ts';
import type { ApiRequest, Handler } from './request.ts';

/** What a Prometheus route answers. */
export interface Reply {
  readonly data: JsonValue;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

const MAX_ANNOTATIONS = 10;

/** Makes a handler of a function that gives the data of Prometheus's envelope.
 *  @see prometheus/web/api/v1/api.go Response */
export function enveloped(answer: (request: ApiRequest) => Reply | Promise<Reply>): Handler {
  return async (request) => successResponse(await answer(request));
}

/** A success in Prometheus's envelope. */
export function successResponse(
  { data, warnings = [], infos = [] }: Reply,
  options: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {},
): Response {
  const chunks = encodeJsonChunks({
    status: 'success',
    data,
    warnings: capped(warnings, 'warning'),
    infos: capped(infos, 'info'),
  });
  return jsonResponse(bodyOf(chunks), options.status ?? 200, options.headers);
}

/** A body of one chunk is sent as it is, a larger one as it is made: what is asked for too much of can be canceled. */
function bodyOf(chunks: Iterator<Uint8Array<ArrayBuffer>>): Uint8Array<ArrayBuffer> | ReadableStream {
  const first = chunks.next().value as Uint8Array<ArrayBuffer>;
  let next = chunks.next();
  if (next.done) return first;
  return new ReadableStream({
    start: (stream) => stream.enqueue(first),
    pull(stream) {
      if (next.done) return stream.close();
      stream.enqueue(next.value);
      next = chunks.next();
    },
  });
}

/** @see prometheus/util/annotations/annotations.go AsStrings */
function capped(texts: readonly string[], severity: string): readonly string[] | undefined {
  if (texts.length === 0) return undefined;
  const omitted = texts.length - MAX_ANNOTATIONS;
  if (omitted <= 0) return texts;
  return [...texts.slice(0, MAX_ANNOTATIONS), `${omitted} more ${severity} annotations omitted`];
}

/** A failure in Prometheus's envelope. */
export function errorResponse({ type, message, details }: ApiError): Response {
  const data = details.data === undefined ? undefined : new JsonText(JSON.stringify(details.data));
  const body = encodeJson({ status: 'error', data, errorType: type, error: message });
  return jsonResponse(body, ERROR_STATUS[type], details.headers);
}

export function jsonResponse(
  body: string | Uint8Array<ArrayBuffer> | ReadableStream,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(body, { status, headers: { 'content-type': 'application/json', ...headers } });
}
