import type { Answer, AnswerBody } from './answer.ts';
import { type ApiError, ERROR_STATUS } from './errors.ts';
import { encodeJson, JsonText, type JsonValue } from './json/go-json.ts';
import { encodeJsonChunks } from './json/json-chunks.ts';
import type { ApiRequest, Handler } from './request.ts';

/** What a Prometheus route answers. */
export interface Reply {
  readonly data: JsonValue;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
  /** Called once the data is sent, or not wanted any more; possibly more than once. */
  readonly release?: () => void;
}

const MAX_ANNOTATIONS = 10;

/** Makes a handler of a function that gives the data of Prometheus's envelope.
 *  @see prometheus/web/api/v1/api.go Response */
export function enveloped(answer: (request: ApiRequest) => Reply | Promise<Reply>): Handler {
  return async (request) => successResponse(await answer(request));
}

/** A success in Prometheus's envelope. */
export function successResponse(
  { data, warnings = [], infos = [], release }: Reply,
  options: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {},
): Answer {
  const chunks = encodeJsonChunks({
    status: 'success',
    data,
    warnings: capped(warnings, 'warning'),
    infos: capped(infos, 'info'),
  });
  return jsonResponse(bodyOf(chunks, release), options.status ?? 200, options.headers);
}

/** A body of one chunk is sent as it is, a larger one as it is made: what is asked for too much of can be canceled. */
function bodyOf(chunks: Iterator<Uint8Array<ArrayBuffer>>, release?: () => void): AnswerBody {
  const advance = () => {
    let result: ReturnType<typeof chunks.next> | undefined;
    try {
      result = chunks.next();
      return result;
    } finally {
      if (result === undefined || result.done) release?.();
    }
  };
  const first = advance().value as Uint8Array<ArrayBuffer>;
  let next = advance();
  if (next.done) return first;
  return new ReadableStream({
    start: (stream) => stream.enqueue(first),
    pull(stream) {
      if (next.done) return stream.close();
      stream.enqueue(next.value);
      next = advance();
    },
    cancel: () => release?.(),
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
export function errorResponse({ type, message, details }: ApiError): Answer {
  const data = details.data === undefined ? undefined : new JsonText(JSON.stringify(details.data));
  const body = encodeJson({ status: 'error', data, errorType: type, error: message });
  return jsonResponse(body, ERROR_STATUS[type], details.headers);
}

/** @param body JSON. */
export function jsonResponse(body: AnswerBody, status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body };
}
