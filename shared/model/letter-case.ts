/** Upper case as Go's `strings.ToUpper`: one character for one, so that `ß` stays as it is. */
export function goUpperCase(text: string): string {
  return isAscii(text) ? text.toUpperCase() : mapCharacters(text, upperCharacter);
}

/** Lower case as Go's `strings.ToLower`: one character for one, whatever is around it. */
export function goLowerCase(text: string): string {
  return isAscii(text) ? text.toLowerCase() : mapCharacters(text, lowerCharacter);
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}

function mapCharacters(text: string, map: (char: string) => string): string {
  let out = '';
  for (const char of text) out += map(char);
  return out;
}

/** Greek letters with an iota below: upper case is two letters in full, and the title case one when it must be one. */
const IOTA_UPPER: ReadonlyMap<string, string> = new Map([
  ...iotaBlock(0x1f80),
  ...iotaBlock(0x1f90),
  ...iotaBlock(0x1fa0),
  ['\u1fb3', '\u1fbc'],
  ['\u1fc3', '\u1fcc'],
  ['\u1ff3', '\u1ffc'],
]);

/** Eight lower case letters, followed by their title cases. */
function iotaBlock(first: number): [lower: string, upper: string][] {
  return Array.from({ length: 8 }, (_, i) => [String.fromCharCode(first + i), String.fromCharCode(first + 8 + i)]);
}

function upperCharacter(char: string): string {
  return IOTA_UPPER.get(char) ?? single(char.toUpperCase(), char);
}

/** `İ` is the only letter whose full lower case is two characters and whose simple one is another. */
function lowerCharacter(char: string): string {
  return char === '\u0130' ? 'i' : single(char.toLowerCase(), char);
}

/** `mapped` when it is one character, else `char`. */
function single(mapped: string, char: string): string {
  const length = mapped.codePointAt(0)! > 0xffff ? 2 : 1;
  return mapped.length === length ? mapped : char;
}
