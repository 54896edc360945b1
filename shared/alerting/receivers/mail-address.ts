/** Splits a list of addresses at its commas: `a@b.c, "Doe, J." <j@d.e>`. Commas in quotes and angle brackets do not count.
 *  @returns At least one address, each with its display name if it has one.
 *  @throws {SyntaxError} When one of them is no address.
 *  @see RFC 5322 3.4 · Go's mail.ParseAddressList */
export function parseAddressList(text: string): readonly string[] {
  const parts = splitList(text);
  if (parts.length === 0) throw new SyntaxError('mail: no address');
  for (const part of parts) {
    if (!isMailbox(bareAddress(part))) throw new SyntaxError(`mail: no mailbox in "${part}"`);
  }
  return parts;
}

/** The address without a display name: `"J" <j@d.e>` → `j@d.e`. */
export function bareAddress(address: string): string {
  return /<([^<>]*)>\s*$/.exec(address)?.[1].trim() ?? address.trim();
}

function splitList(text: string): readonly string[] {
  const parts: string[] = [];
  let part = '';
  let closing: string | undefined;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === ',' && closing === undefined) {
      parts.push(part);
      part = '';
      continue;
    }
    if (closing === '"' && char === '\\') part += text[i++];
    else if (char === closing) closing = undefined;
    else if (closing === undefined && char === '"') closing = '"';
    else if (closing === undefined && char === '<') closing = '>';
    part += text[i] ?? '';
  }
  return [...parts, part].map((item) => item.trim()).filter((item) => item !== '');
}

/** One `@` with something on both sides, and nothing that could begin another header or address. */
function isMailbox(address: string): boolean {
  return /^[^\s<>,;@"()]+@[^\s<>,;@"()]+$/.test(address);
}
