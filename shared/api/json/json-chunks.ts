import { encodeJson, isList, isPieces, JsonText, type JsonValue, quoteHtml } from './go-json.ts';
import { JsonWriter } from './json-writer.ts';

/** Encodes a value into chunks of UTF-8, each made when it is asked for. Texts that come before large parts and between
 *  them are as `encodeJson` gives them. */
export function* encodeJsonChunks(value: JsonValue): Generator<Uint8Array<ArrayBuffer>> {
  const out = new JsonWriter();
  for (const _ of writeJson(out, value)) yield* out.takeChunks();
  yield* out.takeAll();
}

function* writeJson(out: JsonWriter, value: JsonValue): Generator<void> {
  if (isPieces(value)) yield* value.writeTo(out);
  else if (!holdsPieces(value)) out.raw(encodeJson(value));
  else {
    let separator = '{';
    for (const [name, member] of Object.entries(value)) {
      if (member === undefined) continue;
      out.raw(`${separator}${quoteHtml(name)}:`);
      yield* writeJson(out, member);
      separator = ',';
    }
    out.raw('}');
  }
}

/** Whether an object, or one in it, has a large part; lists have none. */
function holdsPieces(value: JsonValue): value is { readonly [name: string]: JsonValue | undefined } {
  if (typeof value !== 'object' || value === null || value instanceof JsonText || isList(value)) return false;
  return Object.values(value).some((member) => member !== undefined && (isPieces(member) || holdsPieces(member)));
}
