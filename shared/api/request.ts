import type { Answer } from './answer.ts';
import { ApiError, badData } from './errors.ts';
import { createParams, type Params } from './params.ts';

/** A request as it comes in; a web `Request` is one. */
export interface IncomingRequest {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  readonly headers: RequestHeaders;
  readonly body: AsyncIterable<Uint8Array> | null;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** The headers of a request, by names in lower case. */
export type RequestHeaders = Pick<Headers, 'get' | 'has'> & Iterable<[name: string, value: string]>;

/** A request that passed the guards, its body read. */
export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: RequestHeaders;
  /** Of the URL and of a form in the body. */
  readonly params: Params;
  /** Of the URL alone. */
  readonly query: Params;
  readonly body: Uint8Array;
  readonly signal: AbortSignal;
  /** A part of the path, such as `id` of `/targets/:id`, decoded. */
  path(name: string): string;
}

export type Handler = (request: ApiRequest) => Answer | Promise<Answer>;

/** One row of the routing table. */
export interface Route {
  readonly methods: readonly string[];
  /** In hono's notation: `/label/:name/values`. */
  readonly path: string;
  readonly handle: Handler;
}

const MAX_BODY_BYTES = 1024 * 1024;
const MAX_JSON_DEPTH = 32;
const FORM = 'application/x-www-form-urlencoded';

/** @throws {ApiError} Above 1 MiB. */
async function readBody(request: Pick<IncomingRequest, 'headers' | 'body'>): Promise<Uint8Array> {
  const tooLarge = () => new ApiError('too_large', `request body is larger than ${MAX_BODY_BYTES} bytes`);
  if (Number(request.headers.get('content-length') ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  const body = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.length;
  }
  return body;
}

/** Reads what came in for a route.
 *  @throws {ApiError} When the body is too large, or a kind of form that is not supported. */
export async function readRequest(
  request: IncomingRequest,
  { url, path }: Pick<ApiRequest, 'url' | 'path'>,
): Promise<ApiRequest> {
  const body = await readBody(request);
  const type = mediaType(request.headers);
  if (type === 'multipart/form-data') {
    throw new ApiError('unsupported_media_type', `cannot read a form of type "${type}", send ${FORM}`);
  }
  const query = createParams(url.searchParams);
  return {
    method: request.method,
    url,
    headers: request.headers,
    params: type === FORM ? createParams(formOf(body), url.searchParams) : query,
    query,
    body,
    signal: request.signal,
    path,
  };
}

function formOf(body: Uint8Array): URLSearchParams {
  return new URLSearchParams(new TextDecoder().decode(body));
}

/** The type of the body, lower case, without parameters; `''` when not given. */
export function mediaType(headers: RequestHeaders): string {
  return (headers.get('content-type') ?? '').split(';')[0].trim().toLowerCase();
}

/** The body as JSON.
 *  @throws {ApiError} When it is not JSON or is nested too deeply. */
export function readJson(request: ApiRequest): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(request.body);
  } catch (cause) {
    throw new ApiError('bad_data', 'request body is not valid UTF-8', { cause });
  }
  if (jsonDepth(text) > MAX_JSON_DEPTH) throw badData(`request body is nested deeper than ${MAX_JSON_DEPTH} levels`);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ApiError('bad_data', `request body is not valid JSON: ${(cause as Error).message}`, { cause });
  }
}

/** How deeply lists and objects are nested; of a text that is not JSON, any number. */
function jsonDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  let insideText = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (insideText) {
      if (char === '\\') i++;
      else if (char === '"') insideText = false;
    } else if (char === '"') insideText = true;
    else if (char === '[' || char === '{') deepest = Math.max(deepest, ++depth);
    else if (char === ']' || char === '}') depth--;
  }
  return deepest;
}
