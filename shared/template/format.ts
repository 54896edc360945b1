import { type Flags, noFlags, ValueFormatter } from './format-value.ts';
import { intOf, stringOf, typeName, type Value } from './value.ts';

export interface FormatOptions {
  /** In UTF-16 units. Go has no limit; a format such as `%999999d` would fill the memory. */
  readonly maxLength: number;
}

/** Go's fmt.Sprint: a space between two operands when neither is a string.
 *  @throws {FunctionError} When the text grows beyond the limit. */
export function sprint(values: readonly Value[], { maxLength }: FormatOptions): string {
  const formatter = new ValueFormatter(maxLength);
  let out = '';
  let afterString = false;
  values.forEach((value, i) => {
    const isString = stringOf(value) !== undefined;
    if (i > 0 && !isString && !afterString) out += ' ';
    out += formatter.format(value, 'v', noFlags());
    afterString = isString;
  });
  return out;
}

/** Go's fmt.Sprintln: operands separated by spaces, then a line break. */
export function sprintln(values: readonly Value[], { maxLength }: FormatOptions): string {
  const formatter = new ValueFormatter(maxLength);
  return `${values.map((value) => formatter.format(value, 'v', noFlags())).join(' ')}\n`;
}

/** Go's fmt.Sprintf with all its verbs, flags, widths, argument indexes and its notes on misuse (`%!d(string=x)`).
 *  @see Go fmt/print.go doPrintf */
export function sprintf(format: string, values: readonly Value[], { maxLength }: FormatOptions): string {
  return new FormatRun(new ValueFormatter(maxLength), format, values).run();
}

/** One pass over a format. `#next` is the argument the next verb takes. */
class FormatRun {
  readonly #formatter: ValueFormatter;
  readonly #format: string;
  readonly #values: readonly Value[];
  #out = '';
  #at = 0;
  #next = 0;
  #reordered = false;
  #goodIndex = true;
  #afterIndex = false;

  constructor(formatter: ValueFormatter, format: string, values: readonly Value[]) {
    this.#formatter = formatter;
    this.#format = format;
    this.#values = values;
  }

  run(): string {
    while (this.#at < this.#format.length) {
      const percent = this.#format.indexOf('%', this.#at);
      const end = percent < 0 ? this.#format.length : percent;
      this.#out += this.#format.slice(this.#at, end);
      this.#at = end + 1;
      if (percent >= 0 && !this.#directive()) return this.#out;
    }
    this.#reportExtra();
    return this.#out;
  }

  /** Returns whether the format goes on. */
  #directive(): boolean {
    this.#goodIndex = true;
    this.#afterIndex = false;
    const flags = noFlags();
    this.#readFlags(flags);
    this.#argumentIndex();
    this.#readWidth(flags);
    this.#readPrecision(flags);
    if (!this.#afterIndex) this.#argumentIndex();
    if (this.#at >= this.#format.length) {
      this.#out += '%!(NOVERB)';
      this.#reportExtra();
      return false;
    }
    const verb = String.fromCodePoint(this.#format.codePointAt(this.#at)!);
    this.#at += verb.length;
    this.#apply(verb, flags);
    return true;
  }

  #apply(verb: string, flags: Flags): void {
    if (verb === '%') this.#out += '%';
    else if (!this.#goodIndex) this.#out += `%!${verb}(BADINDEX)`;
    else if (this.#next >= this.#values.length) this.#out += `%!${verb}(MISSING)`;
    else {
      if (verb === 'v' || verb === 'w') {
        flags.sharpV = flags.sharp;
        flags.plusV = flags.plus;
        flags.sharp = false;
        flags.plus = false;
      }
      this.#out += this.#formatter.format(this.#values[this.#next++], verb, flags);
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
      if (flags.width === undefined) this.#out += '%!(BADWIDTH)';
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
    if (flags.precision === undefined) this.#out += '%!(BADPREC)';
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
    const integer = intOf(value);
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
    const extra = this.#values.slice(this.#next).map((value) => {
      const isNothing = value === undefined || value === null;
      return isNothing ? '<nil>' : `${typeName(value)}=${this.#formatter.format(value, 'v', noFlags())}`;
    });
    this.#out += `%!(EXTRA ${extra.join(', ')})`;
  }
}
