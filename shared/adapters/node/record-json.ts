import type { RecordData, RecordValue } from '#shared/ports/record-store.ts';

/* JSON with bytes: `{"$bytes": "<base64>"}`. Every name that starts with `$` gets one `$` more, so that no record looks so. */
const BYTES = '$bytes';

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** A record's content as text, exact in both directions. */
export function encodeRecordData(data: RecordData): string {
  return JSON.stringify(toJson(data));
}

/** @throws {SyntaxError} When the text is damaged. */
export function decodeRecordData(text: string): RecordData {
  return fromJson(JSON.parse(text)) as RecordData;
}

function toJson(value: RecordValue): Json {
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Uint8Array) return { [BYTES]: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map(toJson);
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [escapeName(name), toJson(field)]));
}

function fromJson(value: Json): RecordValue {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(fromJson);
  const bytes = (value as { readonly [name: string]: Json })[BYTES];
  if (bytes !== undefined) return new Uint8Array(Buffer.from(String(bytes), 'base64'));
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [unescapeName(name), fromJson(field)]));
}

function escapeName(name: string): string {
  return name.startsWith('$') ? `$${name}` : name;
}

function unescapeName(name: string): string {
  return name.startsWith('$') ? name.slice(1) : name;
}
