/** A slot as a sort key: digits so that the order of keys is the order of slots; enough until the year 33,658. */
export function slotKey(slotMs: number): string {
  return String(Math.max(0, Math.trunc(slotMs))).padStart(15, '0');
}
