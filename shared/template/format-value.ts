import { formatFloat } from './go-number.ts';
import { canBackquote, isPrintable, quote, quoteRune, quoteToAscii, toBytes } from './go-string.ts';
import { FunctionError } from './template-error.ts';
import {
  type GoInt,
  type GoList,
  type GoMap,
  type GoStruct,
  type GoTime,
  INT64,
  methodText,
  sortedKeys,
  type TypedValue,
  typeName,
  type Value,
} from './value.ts';

/** What stands between `%` and the verb. */
export interface Flags {
  width: number | undefined;
  precision: number | undefined;
  minus: boolean;
  plus: boolean;
  sharp: boolean;
  space: boolean;
  zero: boolean;
  /** `%+v`: struct fields with their names. */
  plusV: boolean;
  /** `%#v`: Go syntax. */
  sharpV: boolean;
}

export function noFlags(): Flags {
  return {
    width: undefined,
    precision: undefined,
    minus: false,
    plus: false,
    sharp: false,
    space: false,
    zero: false,
    plusV: false,
    sharpV: false,
  };
}

/** Nested values deeper than this are refused: each level costs stack. */
const MAX_DEPTH = 200;

/** Stands for the address of a pointer, which has no meaning here. */
const ADDRESS = '0xc000000000';

const UINT64 = { name: 'uint64', kind: 'int' } as const;

/** Seconds from year 1 to 1970. */
const UNIX_EPOCH = 62_135_596_800;

/** Formats values, all of which together may have a certain length.
 *  @see Go fmt/print.go printArg, printValue, fmt/format.go */
export class ValueFormatter {
  readonly #maxLength: number;
  #length = 0;
  #flags = noFlags();
  /** While a misused verb is reported, methods `String` are not asked. */
  #isReporting = false;

  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  /** @throws {FunctionError} When a value is too long or nested too deeply. */
  format(value: Value, verb: string, flags: Flags): string {
    this.#flags = flags;
    if (value === undefined || value === null)
      return verb === 'T' || verb === 'v' ? this.#pad('<nil>') : this.#badVerb(value, verb);
    if (verb === 'T') return this.#string(typeName(value), 's');
    return verb === 'p' ? this.#pointer(value) : this.#value(value, verb, 0);
  }

  #value(value: Value, verb: string, depth: number): string {
    if (depth > MAX_DEPTH) throw new FunctionError(`value is nested deeper than ${MAX_DEPTH} levels`);
    switch (typeof value) {
      case 'undefined':
        return this.#emit('<nil>');
      case 'boolean':
        return verb === 't' || verb === 'v' ? this.#pad(String(value)) : this.#badVerb(value, verb);
      case 'number':
        return this.#float(value, verb);
      case 'bigint':
        return this.#integer(value, value, verb);
      case 'string':
        return STRING_VERBS.has(verb) ? this.#string(value, verb) : this.#badVerb(value, verb);
      default:
        if (value === null) return this.#emit(this.#flags.sharpV ? 'interface {}(nil)' : '<nil>');
        return this.#typed(value, verb, depth);
    }
  }

  #typed(value: TypedValue, verb: string, depth: number): string {
    const own = this.#isReporting ? undefined : this.#ownText(value, verb);
    if (own !== undefined) return own;
    switch (value.kind) {
      case 'int':
        return this.#integer(value.value, value, verb);
      case 'string':
        return STRING_VERBS.has(verb) ? this.#string(value.value, verb) : this.#badVerb(value, verb);
      case 'list':
        return this.#list(value, verb, depth);
      case 'map':
        return this.#map(value, verb, depth);
      case 'struct':
        return this.#struct(value, verb, depth);
      case 'time':
        return this.#time(value, verb);
    }
  }

  /** What a value's own methods say. */
  #ownText(value: TypedValue, verb: string): string | undefined {
    if (verb === 'w') return this.#badVerb(value, verb);
    if (this.#flags.sharpV) {
      const syntax = methodText(value, 'GoString');
      return syntax === undefined ? undefined : this.#pad(this.#truncate(syntax));
    }
    const text = STRING_VERBS.has(verb) ? methodText(value, 'String') : undefined;
    return text === undefined ? undefined : this.#string(text, verb);
  }

  #list(value: GoList, verb: string, depth: number): string {
    const items = value.items.map((item) => this.#value(item, verb, depth + 1));
    const { sharpV } = this.#flags;
    return this.#emitAround(sharpV ? `${value.type.name}{` : '[', items, sharpV ? '}' : ']');
  }

  #map(value: GoMap, verb: string, depth: number): string {
    const entries = sortedKeys(value).map(
      (key) => `${this.#value(key, verb, depth + 1)}:${this.#value(value.entries.get(key), verb, depth + 1)}`,
    );
    const { sharpV } = this.#flags;
    return this.#emitAround(sharpV ? `${value.type.name}{` : 'map[', entries, sharpV ? '}' : ']');
  }

  #struct(value: GoStruct, verb: string, depth: number): string {
    const isPointer = value.type.kind === 'pointer';
    if (isPointer && depth > 0) return 'vbodxX'.includes(verb) ? this.#emit(ADDRESS) : this.#badVerb(value, verb);
    const { sharpV, plusV } = this.#flags;
    const fields = (value.type.fields ?? []).map((field, i) => {
      const text = this.#value(value.fields[i], verb, depth + 1);
      return sharpV || plusV ? `${this.#emit(field.name)}:${text}` : text;
    });
    const name = sharpV ? value.type.name.replace(/^\*/, '') : '';
    return this.#emitAround(`${isPointer ? '&' : ''}${name}{`, fields, '}');
  }

  /** The inside of a time.Time, which only verbs for numbers show: nanoseconds, seconds since year 1, and no zone for UTC. */
  #time(value: GoTime, verb: string): string {
    const nanos: GoInt = { kind: 'int', type: UINT64, value: BigInt(value.nanos) };
    const seconds: GoInt = { kind: 'int', type: INT64, value: BigInt(value.seconds + UNIX_EPOCH) };
    const parts = [this.#value(nanos, verb, 1), this.#value(seconds, verb, 1), this.#zone(verb)];
    return this.#emitAround('{', parts, '}');
  }

  #zone(verb: string): string {
    if (verb === 'v') return this.#pad('<nil>');
    if ('bodxX'.includes(verb)) return this.#digits(0n, verb);
    this.#isReporting = true;
    const text = `${this.#emit(`%!${verb}(*time.Location=`)}${this.#pad('<nil>')}${this.#emit(')')}`;
    this.#isReporting = false;
    return text;
  }

  #pointer(value: Value): string {
    const isReference =
      typeof value === 'object' &&
      value !== null &&
      (value.kind === 'list' || value.kind === 'map' || value.type.kind === 'pointer');
    return isReference ? this.#emit(ADDRESS) : this.#badVerb(value, 'p');
  }

  #badVerb(value: Value, verb: string): string {
    this.#isReporting = true;
    const isNothing = value === undefined || value === null;
    const shown = isNothing ? this.#emit('<nil>') : this.#emit(`${typeName(value)}=`) + this.#value(value, 'v', 0);
    this.#isReporting = false;
    return `${this.#emit(`%!${verb}(`)}${shown}${this.#emit(')')}`;
  }

  #string(value: string, verb: string): string {
    if (verb === 'x' || verb === 'X') return this.#bytes(value, verb);
    const { sharp, sharpV, plus } = this.#flags;
    const text = this.#truncate(value);
    if (verb !== 'q' && !sharpV) return this.#pad(text);
    if (sharp && canBackquote(text)) return this.#pad(`\`${text}\``);
    return this.#pad(plus ? quoteToAscii(text) : quote(text));
  }

  /** To the precision in characters. */
  #truncate(text: string): string {
    const { precision } = this.#flags;
    return precision === undefined ? text : [...text].slice(0, precision).join('');
  }

  #bytes(value: string, verb: string): string {
    const { precision, sharp, space } = this.#flags;
    const bytes = [...toBytes(value).slice(0, precision)];
    if (bytes.length === 0) return this.#pad('');
    const prefix = sharp ? `0${verb}` : '';
    const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0'));
    const cased = verb === 'X' ? hex.map((digits) => digits.toUpperCase()) : hex;
    return this.#pad(space ? cased.map((digits) => prefix + digits).join(' ') : prefix + cased.join(''));
  }

  #integer(value: bigint, whole: Value, verb: string): string {
    switch (verb) {
      case 'v':
        return this.#flags.sharpV && typeName(whole).startsWith('uint')
          ? this.#emit(`0x${value.toString(16)}`)
          : this.#digits(value, verb);
      case 'c':
        return this.#pad(runeText(value));
      case 'q':
        return this.#pad(quoteRune(runeText(value), this.#flags.plus));
      case 'U':
        return this.#unicode(value);
      default:
        return BASES.has(verb) ? this.#digits(value, verb) : this.#badVerb(whole, verb);
    }
  }

  #digits(value: bigint, verb: string): string {
    const { precision, width, zero, minus, plus, space, sharp } = this.#flags;
    if (precision === 0 && value === 0n) return this.#padWith('', ' ');
    const base = BASES.get(verb) ?? 10;
    const negative = value < 0n;
    let least = precision ?? 0;
    if (precision === undefined && zero && !minus && width !== undefined)
      least = width - (negative || plus || space ? 1 : 0);
    this.#reserve(least);
    let digits = (negative ? -value : value).toString(base).padStart(least, '0');
    if (sharp && base === 2) digits = `0b${digits}`;
    if (sharp && base === 8 && digits[0] !== '0') digits = `0${digits}`;
    if (sharp && base === 16) digits = `0x${digits}`;
    if (verb === 'O') digits = `0o${digits}`;
    if (verb === 'X') digits = digits.toUpperCase();
    const sign = negative ? '-' : plus ? '+' : space ? ' ' : '';
    return this.#padWith(sign + digits, ' ');
  }

  #unicode(value: bigint): string {
    const { precision, sharp } = this.#flags;
    const least = Math.max(4, precision ?? 4);
    this.#reserve(least);
    const hex = BigInt.asUintN(64, value).toString(16).toUpperCase().padStart(least, '0');
    const char = runeText(value);
    const shown = sharp && value >= 0n && value <= 0x10ffffn && isPrintable(char) ? ` '${char}'` : '';
    return this.#padWith(`U+${hex}${shown}`, ' ');
  }

  #float(value: number, verb: string): string {
    if (!FLOAT_VERBS.has(verb)) return this.#badVerb(value, verb);
    const { plus, space, zero, minus, width, sharp } = this.#flags;
    const precision = this.#flags.precision ?? ('fFeE'.includes(verb) ? 6 : -1);
    this.#reserve(precision);
    const shape = verb === 'v' ? 'g' : verb === 'F' ? 'f' : verb;
    const { sign, digits } = splitSign(formatFloat(value, shape, precision), space && !plus ? ' ' : '+');
    if (digits === 'Inf' || digits === 'NaN')
      return this.#padWith(digits === 'NaN' && !space && !plus ? digits : sign + digits, ' ');
    const shown = sharp && verb !== 'b' ? withPoint(digits, shape, precision) : digits;
    if (!plus && sign === '+') return this.#pad(shown);
    if (zero && !minus && width !== undefined && width > shown.length + 1) {
      this.#reserve(width);
      return this.#emit(sign + shown.padStart(width - 1, '0'));
    }
    return this.#pad(sign + shown);
  }

  #pad(text: string): string {
    return this.#padWith(text, this.#flags.zero && !this.#flags.minus ? '0' : ' ');
  }

  /** Pads to the width in characters. */
  #padWith(text: string, filler: string): string {
    const { width, minus } = this.#flags;
    const missing = width === undefined ? 0 : width - [...text].length;
    if (missing <= 0) return this.#emit(text);
    this.#reserve(missing);
    return this.#emit(minus ? text + ' '.repeat(missing) : filler.repeat(missing) + text);
  }

  #emitAround(open: string, parts: readonly string[], close: string): string {
    const separator = this.#flags.sharpV ? ', ' : ' ';
    this.#emit(open + separator.repeat(Math.max(parts.length - 1, 0)) + close);
    return open + parts.join(separator) + close;
  }

  /** Counts text towards the limit. */
  #emit(text: string): string {
    this.#reserve(text.length);
    this.#length += text.length;
    return text;
  }

  /** Refuses a width or precision that cannot fit, before any text of that size is made. */
  #reserve(length: number): void {
    if (this.#length + length > this.#maxLength) throw new FunctionError(`text exceeds ${this.#maxLength} characters`);
  }
}

const STRING_VERBS: ReadonlySet<string> = new Set('vsxXq');
const FLOAT_VERBS: ReadonlySet<string> = new Set('vbgGxXfFeE');

const BASES: ReadonlyMap<string, number> = new Map([
  ['d', 10],
  ['b', 2],
  ['o', 8],
  ['O', 8],
  ['x', 16],
  ['X', 16],
]);

/** @param positive The sign of numbers that have none. */
function splitSign(number: string, positive: string): { readonly sign: string; readonly digits: string } {
  if (number[0] === '-') return { sign: '-', digits: number.slice(1) };
  return { sign: positive, digits: number[0] === '+' ? number.slice(1) : number };
}

function runeText(value: bigint): string {
  const isRune = value >= 0n && value <= 0x10ffffn && !(value >= 0xd800n && value <= 0xdfffn);
  return isRune ? String.fromCodePoint(Number(value)) : '\ufffd';
}

/** `%#g`: always a decimal point, trailing zeros kept up to the precision, by default 6 digits. */
function withPoint(digits: string, verb: string, precision: number): string {
  const isHex = verb === 'x' || verb === 'X';
  const tailAt = digits.search(isHex ? /[pP]/ : /[eE]/);
  const tail = tailAt < 0 ? '' : digits.slice(tailAt);
  let body = tailAt < 0 ? digits : digits.slice(0, tailAt);
  let missing = 'gGx'.includes(verb) ? (precision < 0 ? 6 : precision) : 0;
  missing -= body.replace('.', '').replace(/^0+/, '').length;
  if (!body.includes('.')) {
    if (body === '0') missing--;
    body += '.';
  }
  return body + '0'.repeat(Math.max(missing, 0)) + tail;
}
