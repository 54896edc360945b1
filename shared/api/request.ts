import { ApiError, badData } from './errors.ts';
import { createParams, type Params } from './params.ts';

/** A request that passed the guards, its body read. */
export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** Of the URL and of a form in the body. */
  readonly params: Params;
  /** Of the URL alone. */
  readonly query: Params;
  readonly body: Uint8Array;
  readonly signal: AbortSignal;
  /** A part of the path, such as `id` of `/targets/:id`, decoded. */
  path(name: string): string;
}

export type Handler = (request: ApiRequest) => Response | Promise<Response>;

/** One row of the routing table. */
export interface Route {
  readonly methods: readonly string[];
  /** In hono's notation: `/label/:name/values`. */
  readonly path: string;
  readonly handle: Handler;
}

const MAX_BODY_BYTES = 1024 * 1024;
const MAX_JSON_DEPTH = 32;

/** Reads a request's body. @throws {ApiError} Above 1 MiB. */
export async function readBody(request: Request): Promise<Uint8Array> {
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

/** @throws {ApiError} When the body is a kind of form that is not supported. */
export function toApiRequest(request: Request, body: Uint8Array, path: (name: string) => string): ApiRequest {
  const url = new URL(request.url);
  const type = mediaType(request.headers);
  if (type === 'multipart/form-data') {
    throw new ApiError(
      'unsupported_media_type',
      `cannot read a form of type "${type}", send application/x-www-form-urlencoded`,
    );
  }
  const form = type === 'application/x-www-form-urlencoded' ? new TextDecoder().decode(body) : '';
  return {
    method: request.method,
    url,
    headers: request.headers,
    params: createParams(new URLSearchParams(form), url.searchParams),
    query: createParams(url.searchParams),
    body,
    signal: request.signal,
    path,
  };
}

/** The type of the body, lower case, without parameters; `''` when not given. */
export function mediaType(headers: Headers): string {
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
