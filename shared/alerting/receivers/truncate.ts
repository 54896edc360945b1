import { utf8Length } from '#shared/ports/utf8.ts';

const MARKER = '…';

/** Cuts a text to `limit` characters (code points), the last of them `…` when something was cut.
 *  @see alertmanager/notify/util.go TruncateInRunes */
export function truncateRunes(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const runes = [...text];
  if (runes.length <= limit) return text;
  return limit <= 3 ? runes.slice(0, limit).join('') : runes.slice(0, limit - 1).join('') + MARKER;
}

/** Cuts a text to `limit` bytes of UTF-8, never within a character. */
export function truncateBytes(text: string, limit: number): string {
  if (utf8Length(text) <= limit) return text;
  let bytes = 0;
  let end = 0;
  for (const char of text) {
    bytes += utf8Length(char);
    if (bytes > limit) break;
    end += char.length;
  }
  return text.slice(0, end);
}
