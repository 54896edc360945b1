/** The headers of a message by lower-case name, unfolded and with encoded words decoded. Of a repeated one the first. */
export function parseMailHeaders(message: string): ReadonlyMap<string, string> {
  const [head] = message.split(/\r?\n\r?\n/, 1);
  const headers = new Map<string, string>();
  for (const line of head.replaceAll(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    if (name !== '' && !headers.has(name)) headers.set(name, decodeWords(line.slice(colon + 1).trim()));
  }
  return headers;
}

/** Decodes `=?UTF-8?Q?caf=C3=A9?=`. White space between two encoded words is not part of the text.
 *  @see RFC 2047 */
function decodeWords(text: string): string {
  const joined = text.replaceAll(/(\?=)\s+(=\?)/g, '$1$2');
  // Neighbours are decoded together: a character may be split between them.
  return joined.replaceAll(/(?:=\?utf-8\?[qb]\?[^?]*\?=)+/gi, (words) => {
    const parts = [...words.matchAll(/=\?utf-8\?([qb])\?([^?]*)\?=/gi)];
    return Buffer.concat(parts.map(([, encoding, content]) => decodeWord(encoding.toLowerCase(), content))).toString();
  });
}

function decodeWord(encoding: string, content: string): Buffer {
  if (encoding === 'b') return Buffer.from(content, 'base64');
  const bytes = content.replaceAll('_', ' ').replaceAll(/=([0-9a-f]{2})/gi, (_, hex) => {
    return String.fromCharCode(Number.parseInt(hex, 16));
  });
  return Buffer.from(bytes, 'latin1');
}
