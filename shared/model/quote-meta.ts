/** Escapes a text so that as a pattern it matches itself alone.
 *  @see go/src/regexp QuoteMeta */
export function quoteMeta(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}
