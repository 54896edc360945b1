/** Whether text ends with a CSS word, in any case, that is not the end of a longer one. */
export function endsWithCssKeyword(text: string, keyword: string): boolean {
  if (text.slice(-keyword.length).toLowerCase() !== keyword) return false;
  const before = text[text.length - keyword.length - 1];
  return before === undefined || !/[a-zA-Z0-9_\-\u0080-\uffff]/.test(before);
}

/** Decodes CSS escapes: `\41 ` and `\"`.
 *  @see https://www.w3.org/TR/css-syntax-3/#consume-escaped-code-point */
export function decodeCss(text: string): string {
  return text.replace(
    /\\(?:([0-9a-fA-F]{1,6})(\r\n|[\t\n\f\r ])?|(.)|$)/gsu,
    (_, hex?: string, space = '', char?: string) => {
      if (hex === undefined) return char ?? '';
      const code = Number.parseInt(hex, 16);
      // Go takes one digit less where the number is no character.
      if (code > 0x10ffff) return String.fromCodePoint(code >> 4) + hex.slice(-1) + space;
      return code >= 0xd800 && code < 0xe000 ? '\ufffd' : String.fromCodePoint(code);
    },
  );
}
