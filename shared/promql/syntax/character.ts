import { goQuote } from '#shared/model/labels.ts';

/** White space of PromQL: fewer characters than Unicode's. */
export function isSpace(char: string): boolean {
  return char === ' ' || char === '\t' || char === '\n' || char === '\r';
}

/** ASCII digits only. */
export function isDigit(char: string): boolean {
  return char >= '0' && char <= '9';
}

/** ASCII letters and `_`. */
export function isAlpha(char: string): boolean {
  return char === '_' || (char >= 'a' && char <= 'z') || (char >= 'A' && char <= 'Z');
}

/** ASCII letters, digits and `_`. */
export function isAlphaNumeric(char: string): boolean {
  return isAlpha(char) || isDigit(char);
}

/** A character as Go's `%q` prints it: `'x'`. The end of input is shown as the replacement character. */
export function quoteRune(char: string): string {
  if (char === '') return "'\ufffd'";
  if (char === "'") return "'\\''";
  return char === '"' ? `'"'` : `'${goQuote(char).slice(1, -1)}'`;
}

/** A character as Go's `%#U` prints it: `U+0078 'x'`. */
export function nameRune(char: string): string {
  const code = char.codePointAt(0)!;
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  const isPrintable = code === 0x20 || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(char);
  return isPrintable ? `${name} '${char}'` : name;
}
