import { goQuote } from '#shared/model/labels.ts';
import { parseTime } from '#shared/template/time-parse.ts';
import { ApiError, type ErrorType } from '../errors.ts';
import { type ApiRequest, mediaType, readJson } from '../request.ts';

/** What Alertmanager's framework answers to a document that is not of the form its API says.
 *  @see go-openapi/errors */
function refused(type: ErrorType, code: number, message: string): ApiError {
  return new ApiError(type, message, { data: { code, message } });
}

/** A required field is missing. @param place Such as `0.labels`. */
function required(place: string): ApiError {
  return refused('unprocessable', 602, `${place} in body is required`);
}

/** @param format Such as `uuid`. @param where `path` or `body`. */
export function wrongFormat(place: string, where: string, format: string, got: string): ApiError {
  return refused('unprocessable', 601, `${place} in ${where} must be of type ${format}: ${goQuote(got)}`);
}

export function tooFewItems(place: string): ApiError {
  return refused('unprocessable', 612, `${place} in body should have at least 1 items`);
}

/** The JSON of a request's body. @param name Of the parameter, as errors have it: `alerts`, `silence`.
 *  @throws {ApiError} */
export function readDocument(request: ApiRequest, name: string): unknown {
  const type = mediaType(request.headers);
  if (type !== 'application/json') {
    const shown = goQuote(type);
    throw refused(
      'unsupported_media_type',
      415,
      `unsupported media type ${shown}, only [application/json] are allowed`,
    );
  }
  if (request.body.length === 0) throw required(name);
  try {
    return readJson(request);
  } catch (error) {
    if (error instanceof ApiError && error.type === 'bad_data') throw unreadable(name, error.message);
    throw error;
  }
}

function unreadable(name: string, problem: string): ApiError {
  return refused('bad_data', 400, `parsing ${name} body from "" failed, because ${problem}`);
}

/** One object of a document. Reading a field says where it is when it is wrong. */
export class Fields {
  /** Name of the body's parameter. */
  readonly #name: string;
  /** `0.` for the first of a list, `''` for the document itself. */
  readonly #place: string;
  readonly #fields: ReadonlyMap<string, unknown>;

  /** @param goType What Go calls the type, for its error text. @throws {ApiError} When `value` is not an object. */
  constructor(value: unknown, context: { readonly name: string; readonly place: string; readonly goType: string }) {
    this.#name = context.name;
    this.#place = context.place;
    if (value !== null && (typeof value !== 'object' || Array.isArray(value))) {
      throw unreadable(this.#name, `json: cannot unmarshal ${jsonType(value)} into Go value of type ${context.goType}`);
    }
    this.#fields = new Map(Object.entries(value ?? {}).filter(([, member]) => member !== null));
  }

  text(field: string): string | undefined {
    const value = this.#fields.get(field);
    return value === undefined || typeof value === 'string' ? value : this.#wrongType(field, value, 'string');
  }

  requiredText(field: string): string {
    return this.text(field) ?? this.#missing(field);
  }

  flag(field: string): boolean | undefined {
    const value = this.#fields.get(field);
    return value === undefined || typeof value === 'boolean' ? value : this.#wrongType(field, value, 'bool');
  }

  requiredFlag(field: string): boolean {
    return this.flag(field) ?? this.#missing(field);
  }

  /** Unix milliseconds; Go's zero time is negative. */
  time(field: string): number | undefined {
    const text = this.text(field);
    if (text === undefined) return undefined;
    try {
      return parseDateTime(text);
    } catch (error) {
      if (error instanceof SyntaxError) throw unreadable(this.#name, error.message);
      throw error;
    }
  }

  requiredTime(field: string): number {
    return this.time(field) ?? this.#missing(field);
  }

  list(field: string): readonly unknown[] | undefined {
    const value = this.#fields.get(field);
    return value === undefined || Array.isArray(value) ? value : this.#wrongType(field, value, 'list');
  }

  requiredList(field: string): readonly unknown[] {
    return this.list(field) ?? this.#missing(field);
  }

  /** Names with texts. */
  texts(field: string): ReadonlyMap<string, string> | undefined {
    const value = this.#fields.get(field);
    if (value === undefined) return undefined;
    if (typeof value !== 'object' || Array.isArray(value)) return this.#wrongType(field, value, 'models.LabelSet');
    const entries = Object.entries(value as object);
    const wrong = entries.find(([, text]) => typeof text !== 'string' && text !== null);
    if (wrong !== undefined) return this.#wrongType(field, wrong[1], 'string');
    return new Map(entries.map(([name, text]) => [name, (text as string | null) ?? '']));
  }

  requiredTexts(field: string): ReadonlyMap<string, string> {
    return this.texts(field) ?? this.#missing(field);
  }

  #missing(field: string): never {
    throw required(this.#place + field);
  }

  #wrongType(field: string, value: unknown, wanted: string): never {
    const place = this.#place + field;
    throw unreadable(
      this.#name,
      `json: cannot unmarshal ${jsonType(value)} into Go struct field ${place} of type ${wanted}`,
    );
  }
}

/** The document as a list. @throws {ApiError} When it is none. */
export function expectList(value: unknown, name: string, goType: string): readonly unknown[] {
  if (value === null) return [];
  if (Array.isArray(value)) return value;
  throw unreadable(name, `json: cannot unmarshal ${jsonType(value)} into Go value of type ${goType}`);
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** In the order in which they are tried; the error is that of the last one.
 *  @see go-openapi/strfmt ParseDateTime */
const TIME_LAYOUTS = [
  '2006-01-02T15:04:05.000000Z07:00',
  '2006-01-02T15:04:05.000000Z0700',
  '2006-01-02T15:04:05.000Z07:00',
  '2006-01-02T15:04:05.000Z0700',
  '2006-01-02T15:04:05Z07:00',
  '2006-01-02T15:04:05',
  '2006-01-02T15:04Z',
  '2006-01-02T15:04',
  '2006-01-02 15:04:05',
  '2006-01-02',
];

/** @throws {SyntaxError} With Go's words. */
function parseDateTime(text: string): number {
  if (text === '') return 0;
  let last: unknown;
  for (const layout of TIME_LAYOUTS) {
    try {
      const { seconds, nanos } = parseTime(layout, text);
      return seconds * 1000 + Math.floor(nanos / 1e6);
    } catch (error) {
      last = error;
    }
  }
  throw last;
}
