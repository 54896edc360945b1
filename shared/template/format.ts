import { formatFloat } from './go-number.ts';
import { canBackquote, isPrintable, quote, quoteRune, quoteToAscii, toBytes } from './go-string.ts';
import { FunctionError } from './template-error.ts';
import {
  type GoList,
  type GoMap,
  type GoStruct,
  sortedKeys,
  stringerText,
  type TypedValue,
  typeName,
  type Value,
} from './value.ts';

/** Values print as their type's method `String` says, then by kind. Nested values deeper than this are refused. */
const MAX_DEPTH = 200;

/** Stands for the address of a pointer, which has no meaning here. */
const ADDRESS = '0xc000000000';

export interface FormatOptions {
  /** In UTF-16 units. Go has no limit; a format such as `%999999d` would fill the memory. */
  readonly maxLength: number;
}

/** Go's fmt.Sprint: a space between two operands when neither is a string.
 *  @throws {FunctionError} When the text grows beyond the limit. */
export function sprint(values: readonly Value[], options: FormatOptions): string {
  const printer = new Printer(options.maxLength);
  let afterString = false;
  values.forEach((value, i) => {
    const isString = typeof value === 'string' || (typeof value === 'object' && value?.kind === 'string');
    if (i > 0 && !isString && !afterString) printer.write(' ');
    printer.printArgument(value, 'v');
    afterString = isString;
  });
  return printer.text;
}

/** Go's fmt.Sprintln: operands separated by spaces, then a line break. */
export function sprintln(values: readonly Value[], options: FormatOptions): string {
  const printer = new Printer(options.maxLength);
  values.forEach((value, i) => {
    if (i > 0) printer.write(' ');
    printer.printArgument(value, 'v');
  });
  printer.write('\n');
  return printer.text;
}

/** Go's fmt.Sprintf with all its verbs, flags, widths, argument indexes and its notes on misuse (`%!d(string=x)`). */
export function sprintf(format: string, values: readonly Value[], options: FormatOptions): string {
  const printer = new Printer(options.maxLength);
  new FormatRun(printer, format, values).run();
  return printer.text;
}

class Flags {
  width: number | undefined;
  precision: number | undefined;
  minus = false;
  plus = false;
  sharp = false;
  space = false;
  zero = false;
  /** `%+v` */
  plusV = false;
  /** `%#v` */
  sharpV = false;
}

/** One pass over a format. `#next` is the argument the next verb takes. */
class FormatRun {
  readonly #printer: Printer;
  readonly #format: string;
  readonly #values: readonly Value[];
  #at = 0;
  #next = 0;
  #reordered = false;
  #goodIndex = true;
  #afterIndex = false;

  constructor(printer: Printer, format: string, values: readonly Value[]) {
    this.#printer = printer;
    this.#format = format;
    this.#values = values;
  }

  run(): void {
    while (this.#at < this.#format.length) {
      const percent = this.#format.indexOf('%', this.#at);
      const end = percent < 0 ? this.#format.length : percent;
      this.#printer.write(this.#format.slice(this.#at, end));
      this.#at = end + 1;
      if (percent >= 0 && !this.#directive()) return;
    }
    this.#reportExtra();
  }

  /** Returns whether the format goes on. */
  #directive(): boolean {
    this.#goodIndex = true;
    this.#afterIndex = false;
    const flags = new Flags();
    this.#printer.flags = flags;
    this.#readFlags(flags);
    this.#argumentIndex();
    this.#readWidth(flags);
    this.#readPrecision(flags);
    if (!this.#afterIndex) this.#argumentIndex();
    if (this.#at >= this.#format.length) {
      this.#printer.write('%!(NOVERB)');
      this.#reportExtra();
      return false;
    }
    const verb = String.fromCodePoint(this.#format.codePointAt(this.#at)!);
    this.#at += verb.length;
    this.#apply(verb, flags);
    return true;
  }

  #apply(verb: string, flags: Flags): void {
    if (verb === '%') this.#printer.write('%');
    else if (!this.#goodIndex) this.#printer.write(`%!${verb}(BADINDEX)`);
    else if (this.#next >= this.#values.length) this.#printer.write(`%!${verb}(MISSING)`);
    else {
      if (verb === 'v' || verb === 'w') {
        flags.sharpV = flags.sharp;
        flags.plusV = flags.plus;
        flags.sharp = false;
        flags.plus = false;
      }
      this.#printer.printArgument(this.#values[this.#next++], verb);
    }
  }

  #readFlags(flags: Flags): void {
    for (; this.#at < this.#format.length; this.#at++) {
      const char = this.#format[this.#at];
      if (char === '#') flags.sharp = true;
      else if (char === '0') flags.zero = true;
      else if (char === '+') flags.plus = true;
      else if (char === '-') flags.minus = true;
      else if (char === ' ') flags.space = true;
      else return;
    }
  }

  #readWidth(flags: Flags): void {
    if (this.#format[this.#at] === '*') {
      this.#at++;
      flags.width = this.#integerArgument();
      if (flags.width === undefined) this.#printer.write('%!(BADWIDTH)');
      if (flags.width !== undefined && flags.width < 0) {
        flags.width = -flags.width;
        flags.minus = true;
        flags.zero = false;
      }
      this.#afterIndex = false;
      return;
    }
    flags.width = this.#number();
    if (this.#afterIndex && flags.width !== undefined) this.#goodIndex = false;
  }

  #readPrecision(flags: Flags): void {
    if (this.#format[this.#at] !== '.' || this.#at + 1 >= this.#format.length) return;
    this.#at++;
    if (this.#afterIndex) this.#goodIndex = false;
    this.#argumentIndex();
    if (this.#format[this.#at] !== '*') {
      flags.precision = this.#number() ?? 0;
      return;
    }
    this.#at++;
    flags.precision = this.#integerArgument();
    if (flags.precision !== undefined && flags.precision < 0) flags.precision = undefined;
    if (flags.precision === undefined) this.#printer.write('%!(BADPREC)');
    this.#afterIndex = false;
  }

  /** Digits at the current place, at most about a million; a larger number ends the format, as in Go. */
  #number(): number | undefined {
    const start = this.#at;
    let value = 0;
    while (this.#at < this.#format.length && this.#format[this.#at] >= '0' && this.#format[this.#at] <= '9') {
      if (value > 1e6) {
        this.#at = this.#format.length;
        return undefined;
      }
      value = value * 10 + Number(this.#format[this.#at++]);
    }
    return this.#at === start ? undefined : value;
  }

  #integerArgument(): number | undefined {
    if (this.#next >= this.#values.length) return undefined;
    const value = this.#values[this.#next++];
    const integer =
      typeof value === 'bigint' ? value : typeof value === 'object' && value?.kind === 'int' ? value.value : undefined;
    return integer === undefined || integer > 1_000_000n || integer < -1_000_000n ? undefined : Number(integer);
  }

  /** `[2]`: the number of the argument to take. */
  #argumentIndex(): void {
    this.#afterIndex = false;
    if (this.#format[this.#at] !== '[') return;
    this.#reordered = true;
    const close = this.#format.indexOf(']', this.#at);
    const digits = close < 0 ? '' : this.#format.slice(this.#at + 1, close);
    const index = /^[0-9]{1,7}$/.test(digits) ? Number(digits) - 1 : -1;
    this.#at = close < 0 ? this.#at + 1 : close + 1;
    this.#afterIndex = /^[0-9]{1,7}$/.test(digits);
    if (index >= 0 && index < this.#values.length) this.#next = index;
    else this.#goodIndex = false;
  }

  #reportExtra(): void {
    if (this.#reordered || this.#next >= this.#values.length) return;
    this.#printer.flags = new Flags();
    this.#printer.write('%!(EXTRA ');
    this.#values.slice(this.#next).forEach((value, i) => {
      if (i > 0) this.#printer.write(', ');
      if (value === undefined || value === null) this.#printer.write('<nil>');
      else {
        this.#printer.write(`${typeName(value)}=`);
        this.#printer.printArgument(value, 'v');
      }
    });
    this.#printer.write(')');
  }
}

class Printer {
  text = '';
  flags = new Flags();
  readonly #maxLength: number;
  /** While a misused verb is reported, methods `String` are not asked. */
  #erroring = false;

  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  write(text: string): void {
    if (this.text.length + text.length > this.#maxLength) {
      throw new FunctionError(`text exceeds ${this.#maxLength} characters`);
    }
    this.text += text;
  }

  printArgument(value: Value, verb: string): void {
    if (value === undefined || value === null) {
      if (verb === 'T' || verb === 'v') this.#pad('<nil>');
      else this.#badVerb(value, verb);
    } else if (verb === 'T') this.#printString(typeName(value), 's');
    else if (verb === 'p') this.#printPointer(value);
    else this.#print(value, verb, 0);
  }

  #printPointer(value: Value): void {
    const isReference =
      typeof value === 'object' &&
      value !== null &&
      (value.kind === 'list' || value.kind === 'map' || value.type.kind === 'pointer');
    if (isReference) this.write(ADDRESS);
    else this.#badVerb(value, 'p');
  }

  #print(value: Value, verb: string, depth: number): void {
    if (depth > MAX_DEPTH) throw new FunctionError(`value is nested deeper than ${MAX_DEPTH} levels`);
    switch (typeof value) {
      case 'undefined':
        return this.write('<nil>');
      case 'boolean':
        return verb === 't' || verb === 'v' ? this.#pad(String(value)) : this.#badVerb(value, verb);
      case 'number':
        return this.#printFloat(value, verb);
      case 'bigint':
        return this.#printInteger(value, value, verb);
      case 'string':
        return 'vsxXq'.includes(verb) ? this.#printString(value, verb) : this.#badVerb(value, verb);
      default:
        return value === null ? this.#printNil() : this.#printTyped(value, verb, depth);
    }
  }

  #printNil(): void {
    this.write(this.flags.sharpV ? 'interface {}(nil)' : '<nil>');
  }

  #printTyped(value: TypedValue, verb: string, depth: number): void {
    const text = !this.#erroring && !this.flags.sharpV && 'vsxXq'.includes(verb) ? stringerText(value) : undefined;
    if (text !== undefined) return this.#printString(text, verb);
    switch (value.kind) {
      case 'int':
        return this.#printInteger(value.value, value, verb);
      case 'string':
        return 'vsxXq'.includes(verb) ? this.#printString(value.value, verb) : this.#badVerb(value, verb);
      case 'list':
        return this.#printList(value, verb, depth);
      case 'map':
        return this.#printMap(value, verb, depth);
      case 'struct':
        return this.#printStruct(value, verb, depth);
      case 'time':
        return this.write(`{${value.nanos} ${value.seconds} ${ADDRESS}}`);
    }
  }

  #printList(value: GoList, verb: string, depth: number): void {
    this.write(this.flags.sharpV ? `${value.type.name}{` : '[');
    value.items.forEach((item, i) => {
      if (i > 0) this.#separate();
      this.#print(item, verb, depth + 1);
    });
    this.write(this.flags.sharpV ? '}' : ']');
  }

  #printMap(value: GoMap, verb: string, depth: number): void {
    this.write(this.flags.sharpV ? `${value.type.name}{` : 'map[');
    sortedKeys(value).forEach((key, i) => {
      if (i > 0) this.#separate();
      this.#print(key, verb, depth + 1);
      this.write(':');
      this.#print(value.entries.get(key), verb, depth + 1);
    });
    this.write(this.flags.sharpV ? '}' : ']');
  }

  #printStruct(value: GoStruct, verb: string, depth: number): void {
    const isPointer = value.type.kind === 'pointer';
    if (isPointer && depth > 0) return this.write(ADDRESS);
    if (isPointer) this.write('&');
    const { sharpV, plusV } = this.flags;
    this.write(sharpV ? `${value.type.name.replace(/^\*/, '')}{` : '{');
    (value.type.fields ?? []).forEach((field, i) => {
      if (i > 0) this.#separate();
      if (sharpV || plusV) this.write(`${field.name}:`);
      this.#print(value.fields[i], verb, depth + 1);
    });
    this.write('}');
  }

  #separate(): void {
    this.write(this.flags.sharpV ? ', ' : ' ');
  }

  #badVerb(value: Value, verb: string): void {
    this.#erroring = true;
    this.write(`%!${verb}(`);
    if (value === undefined || value === null) this.write('<nil>');
    else {
      this.write(`${typeName(value)}=`);
      this.#print(value, 'v', 0);
    }
    this.write(')');
    this.#erroring = false;
  }

  #printString(value: string, verb: string): void {
    if (verb === 'x' || verb === 'X') return this.#printBytes(value, verb);
    const { precision, sharp, sharpV, plus } = this.flags;
    const text = precision === undefined ? value : [...value].slice(0, precision).join('');
    if (verb !== 'q' && !sharpV) return this.#pad(text);
    if (sharp && canBackquote(text)) return this.#pad(`\`${text}\``);
    this.#pad(plus ? quoteToAscii(text) : quote(text));
  }

  #printBytes(value: string, verb: string): void {
    const { precision, sharp, space } = this.flags;
    const bytes = [...toBytes(value).slice(0, precision)];
    const prefix = sharp ? `0${verb}` : '';
    const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0'));
    const cased = verb === 'X' ? hex.map((digits) => digits.toUpperCase()) : hex;
    if (bytes.length === 0) return this.#pad('');
    this.#pad(space ? cased.map((digits) => prefix + digits).join(' ') : prefix + cased.join(''));
  }

  #printInteger(value: bigint, whole: Value, verb: string): void {
    switch (verb) {
      case 'v':
        return this.flags.sharpV && typeName(whole).startsWith('uint')
          ? this.write(`0x${value.toString(16)}`)
          : this.#integer(value, 10, verb);
      case 'd':
        return this.#integer(value, 10, verb);
      case 'b':
        return this.#integer(value, 2, verb);
      case 'o':
      case 'O':
        return this.#integer(value, 8, verb);
      case 'x':
      case 'X':
        return this.#integer(value, 16, verb);
      case 'c':
        return this.#pad(runeText(value));
      case 'q':
        return this.#pad(quoteRune(runeText(value), this.flags.plus));
      case 'U':
        return this.#printUnicode(value);
      default:
        return this.#badVerb(whole, verb);
    }
  }

  #integer(value: bigint, base: number, verb: string): void {
    const { precision, width, zero, minus, plus, space, sharp } = this.flags;
    if (precision === 0 && value === 0n) return this.#padWith('', ' ');
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
    this.#padWith(sign + digits, ' ');
  }

  #printUnicode(value: bigint): void {
    const { precision, sharp } = this.flags;
    const least = Math.max(4, precision ?? 4);
    this.#reserve(least);
    const hex = BigInt.asUintN(64, value).toString(16).toUpperCase().padStart(least, '0');
    const char = runeText(value);
    const shown = sharp && value >= 0n && value <= 0x10ffffn && isPrintable(char) ? ` '${char}'` : '';
    this.#padWith(`U+${hex}${shown}`, ' ');
  }

  #printFloat(value: number, verb: string): void {
    if (!'vbgGxXfFeE'.includes(verb)) return this.#badVerb(value, verb);
    const { plus, space, zero, minus, width, sharp } = this.flags;
    const precision = this.flags.precision ?? ('fFeE'.includes(verb) ? 6 : -1);
    this.#reserve(precision);
    const shape = verb === 'v' ? 'g' : verb === 'F' ? 'f' : verb;
    const plain = formatFloat(value, shape, precision);
    let sign = plain[0] === '-' || plain[0] === '+' ? plain[0] : '+';
    let digits = plain[0] === sign ? plain.slice(1) : plain;
    if (space && sign === '+' && !plus) sign = ' ';
    if (digits === 'Inf' || digits === 'NaN') {
      const shown = digits === 'NaN' && !space && !plus ? '' : sign;
      return this.#padWith(shown + digits, ' ');
    }
    if (sharp && verb !== 'b') digits = withPoint(digits, shape, precision);
    if (!plus && sign === '+') return this.#pad(digits);
    if (zero && !minus && width !== undefined && width > digits.length + 1) {
      this.#reserve(width);
      return this.write(sign + digits.padStart(width - 1, '0'));
    }
    this.#pad(sign + digits);
  }

  #pad(text: string): void {
    this.#padWith(text, this.flags.zero && !this.flags.minus ? '0' : ' ');
  }

  /** Pads to the width in characters. */
  #padWith(text: string, filler: string): void {
    const { width, minus } = this.flags;
    const missing = width === undefined ? 0 : width - [...text].length;
    if (missing <= 0) return this.write(text);
    this.#reserve(missing);
    this.write(minus ? text + ' '.repeat(missing) : filler.repeat(missing) + text);
  }

  /** Refuses a width or precision that cannot fit, before any text of that size is made. */
  #reserve(length: number): void {
    if (this.text.length + length > this.#maxLength)
      throw new FunctionError(`text exceeds ${this.#maxLength} characters`);
  }
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
