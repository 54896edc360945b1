import { compareStrings } from '#shared/model/labels.ts';
import { type FormatOptions, sprint, sprintf, sprintln } from './format.ts';
import { fromBytes, isPrintable, queryEscape, toBytes, utf8Length } from './go-string.ts';
import { FunctionError } from './template-error.ts';
import {
  ANY,
  dereference,
  INTERFACE,
  intOf,
  isAssignable,
  isTrue,
  isTyped,
  STRING,
  stringOf,
  type TemplateFunction,
  typeName,
  typeOf,
  UINT8,
  type Value,
} from './value.ts';

/** The functions that every Go template has.
 *  @see Go text/template/funcs.go */
export function builtinFunctions(options: FormatOptions): ReadonlyMap<string, TemplateFunction> {
  const text = (args: readonly Value[]) => argumentsText(args, options);
  return new Map<string, TemplateFunction>([
    // The interpreter itself evaluates `and` and `or`, so that they stop early.
    ['and', { params: [ANY, ANY], variadic: true, call: (...args) => args.at(-1) }],
    ['or', { params: [ANY, ANY], variadic: true, call: (...args) => args.at(-1) }],
    ['not', { params: [ANY], call: (value) => !isTrue(value) }],
    ['call', { params: [ANY, ANY], variadic: true, call: callValue }],
    ['eq', { params: [ANY, ANY], variadic: true, call: (first, ...others) => equalsAny(first, others, options) }],
    ['ne', { params: [ANY, ANY], call: (a, b) => !equalsAny(a, [b], options) }],
    ['lt', { params: [ANY, ANY], call: isLess }],
    ['le', { params: [ANY, ANY], call: (a, b) => isLess(a, b) || equalsAny(a, [b], options) }],
    ['gt', { params: [ANY, ANY], call: (a, b) => !isLess(a, b) && !equalsAny(a, [b], options) }],
    ['ge', { params: [ANY, ANY], call: (a, b) => !isLess(a, b) }],
    ['index', { params: [ANY, ANY], variadic: true, call: index }],
    ['slice', { params: [ANY, ANY], variadic: true, call: slice }],
    ['len', { params: [ANY], call: length }],
    ['print', { params: [INTERFACE], variadic: true, call: (...args) => sprint(args, options) }],
    ['println', { params: [INTERFACE], variadic: true, call: (...args) => sprintln(args, options) }],
    [
      'printf',
      {
        params: [STRING, INTERFACE],
        variadic: true,
        call: (format, ...args) => sprintf(format as string, args, options),
      },
    ],
    ['html', { params: [INTERFACE], variadic: true, call: (...args) => htmlEscape(text(args)) }],
    ['js', { params: [INTERFACE], variadic: true, call: (...args) => jsEscape(text(args)) }],
    ['urlquery', { params: [INTERFACE], variadic: true, call: (...args) => queryEscape(text(args)) }],
  ]);
}

/** The arguments of an escaping function as one text; pointers are followed. */
function argumentsText(args: readonly Value[], options: FormatOptions): string {
  if (args.length === 1 && typeof args[0] === 'string') return args[0];
  return sprint(
    args.map((arg) => (arg === null || arg === undefined ? '<no value>' : dereference(arg))),
    options,
  );
}

/** There are no values that can be called.
 *  @param name How the callee is written; the interpreter puts it first. */
function callValue(name: Value, fn: Value): never {
  if (isNothing(fn)) throw new FunctionError('call of nil');
  throw new FunctionError(`non-function ${name} of type ${typeName(fn)}`);
}

type BasicKind = 'bool' | 'int' | 'float' | 'string';

function basicKind(value: Value): BasicKind | undefined {
  const kind = typeOf(value)?.kind;
  return kind === 'bool' || kind === 'int' || kind === 'float' || kind === 'string' ? kind : undefined;
}

/** `eq a b c`: whether a equals b or c. */
function equalsAny(first: Value, others: readonly Value[], options: FormatOptions): boolean {
  if (others.length === 0) throw new FunctionError('missing argument for comparison');
  return others.some((other) => equals(first, other, options));
}

function equals(a: Value, b: Value, options: FormatOptions): boolean {
  const kind = basicKind(a);
  if (kind !== basicKind(b)) {
    if (isNothing(a) || isNothing(b)) return false;
    throw new FunctionError(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);
  }
  switch (kind) {
    case 'int':
      return intOf(a) === intOf(b);
    case 'string':
      return stringOf(a) === stringOf(b);
    case undefined:
      return equalsComplex(a, b, options);
    default:
      return a === b;
  }
}

function isNothing(value: Value): boolean {
  return value === undefined || value === null;
}

/** Structs without lists and maps, times and pointers can be compared; everything can be compared with nil. */
function equalsComplex(a: Value, b: Value, options: FormatOptions): boolean {
  if (!isTyped(a) || !isTyped(b)) return isNothing(a) && isNothing(b);
  if (typeOf(a)!.kind !== typeOf(b)!.kind) {
    const types = `${sprintf('%s', [a], options)}: ${typeName(a)}, ${typeName(b)}: ${sprint([b], options)}`;
    throw new FunctionError(`non-comparable types ${types}`);
  }
  if (!isComparable(b)) throw new FunctionError(`non-comparable type ${sprintf('%s', [b], options)}: ${typeName(b)}`);
  return typeName(a) === typeName(b) && isSame(a, b);
}

function isComparable(value: Value): boolean {
  if (!isTyped(value)) return true;
  if (value.kind === 'list' || value.kind === 'map') return false;
  return value.kind !== 'struct' || value.type.kind === 'pointer' || value.fields.every(isComparable);
}

function isSame(a: Value, b: Value): boolean {
  if (!isTyped(a) || !isTyped(b)) return a === b;
  if (a.kind === 'time' && b.kind === 'time')
    return a.seconds === b.seconds && a.nanos === b.nanos && a.zone.name === b.zone.name;
  if (a.kind === 'struct' && b.kind === 'struct' && a.type.kind !== 'pointer')
    return a.fields.every((field, i) => isSame(field, b.fields[i]));
  if (a.kind === 'int' && b.kind === 'int') return a.value === b.value;
  return a === b;
}

function isLess(a: Value, b: Value): boolean {
  const kind = basicKind(a);
  const other = basicKind(b);
  if (kind === undefined || other === undefined) throw new FunctionError('invalid type for comparison');
  if (kind !== other) throw new FunctionError(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);
  switch (kind) {
    case 'bool':
      throw new FunctionError('invalid type for comparison');
    case 'int':
      return intOf(a)! < intOf(b)!;
    case 'float':
      return (a as number) < (b as number);
    case 'string':
      return compareStrings(stringOf(a)!, stringOf(b)!) < 0;
  }
}

/** `index x 1 "a"` is x[1]["a"]. */
function index(item: Value, ...indexes: readonly Value[]): Value {
  if (isNothing(item)) throw new FunctionError('index of untyped nil');
  return indexes.reduce(indexOne, item);
}

function indexOne(item: Value, at: Value): Value {
  if (isNothing(item)) throw new FunctionError('index of nil pointer');
  const text = stringOf(item);
  if (text !== undefined) {
    const bytes = toBytes(text);
    return { kind: 'int', type: UINT8, value: BigInt(bytes[checkedIndex(at, bytes.length, 'string')]) };
  }
  if (isTyped(item) && item.kind === 'list') return item.items[checkedIndex(at, item.items.length, 'slice')];
  if (!isTyped(item) || item.kind !== 'map')
    throw new FunctionError(`can't index item of type ${typeName(dereference(item))}`);
  const key = mapKey(at);
  return item.entries.has(key) ? item.entries.get(key) : item.type.zero;
}

function mapKey(value: Value): string {
  const type = isNothing(value) ? undefined : typeOf(value);
  if (type === undefined) throw new FunctionError('value is nil; should be of type string');
  if (!isAssignable(type, STRING)) throw new FunctionError(`value has type ${type.name}; should be string`);
  return value as string;
}

function checkedIndex(at: Value, length: number, what: string): number {
  const place = indexArgument(at, length);
  if (place === length) throw new FunctionError(`reflect: ${what} index out of range`);
  return place;
}

/** A place in a list, the end included. */
function indexArgument(at: Value, length: number): number {
  if (isNothing(at)) throw new FunctionError('cannot index slice/array with nil');
  const place = intOf(at);
  if (place === undefined) throw new FunctionError(`cannot index slice/array with type ${typeName(at)}`);
  if (place < 0n || place > BigInt(length)) throw new FunctionError(`index out of range: ${place}`);
  return Number(place);
}

/** `slice x 1 2` is x[1:2]; strings are cut between bytes. */
function slice(item: Value, ...indexes: readonly Value[]): Value {
  if (isNothing(item)) throw new FunctionError('slice of untyped nil');
  if (indexes.length > 3) throw new FunctionError(`too many slice indexes: ${indexes.length}`);
  const text = stringOf(item);
  if (text === undefined && !(isTyped(item) && item.kind === 'list')) {
    throw new FunctionError(`can't slice item of type ${typeName(dereference(item))}`);
  }
  if (text !== undefined && indexes.length === 3) throw new FunctionError('cannot 3-index slice a string');
  const bytes = text === undefined ? undefined : toBytes(text);
  const length = bytes?.length ?? (item as { items: readonly Value[] }).items.length;
  const [from = 0, to = length, capacity = length] = indexes.map((at) => indexArgument(at, length));
  if (from > to) throw new FunctionError(`invalid slice index: ${from} > ${to}`);
  if (to > capacity) throw new FunctionError(`invalid slice index: ${to} > ${capacity}`);
  if (bytes === undefined) return sliceList(item, from, to);
  const cut = fromBytes(bytes.subarray(from, to));
  return isTyped(item) && item.kind === 'string' ? { ...item, value: cut } : cut;
}

function sliceList(item: Value, from: number, to: number): Value {
  return isTyped(item) && item.kind === 'list' ? { ...item, items: item.items.slice(from, to) } : item;
}

function length(item: Value): Value {
  if (item === undefined) throw new FunctionError('reflect: call of reflect.Value.Type on zero Value');
  if (item === null) throw new FunctionError('len of nil pointer');
  const text = stringOf(item);
  if (text !== undefined) return BigInt(utf8Length(text));
  if (isTyped(item) && item.kind === 'list') return BigInt(item.items.length);
  if (isTyped(item) && item.kind === 'map') return BigInt(item.entries.size);
  throw new FunctionError(`len of type ${typeName(dereference(item))}`);
}

const HTML_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\0', '\ufffd'],
  ['"', '&#34;'],
  ["'", '&#39;'],
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
]);

/** Go's template.HTMLEscapeString. */
function htmlEscape(text: string): string {
  return text.replace(/[\0"'&<>]/g, (char) => HTML_ESCAPES.get(char)!);
}

const JS_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ["'", "\\'"],
  ['"', '\\"'],
  ['<', '\\u003C'],
  ['>', '\\u003E'],
  ['&', '\\u0026'],
  ['=', '\\u003D'],
]);

/** Go's template.JSEscapeString. */
function jsEscape(text: string): string {
  let out = '';
  for (const char of text) {
    const code = char.codePointAt(0)!;
    const escaped = JS_ESCAPES.get(char);
    if (escaped !== undefined) out += escaped;
    else if (code >= 0x20 && (code < 0x80 || isPrintable(char))) out += char;
    else out += `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`;
  }
  return out;
}
