/** Decodes the snappy block format.
 *  @see https://github.com/google/snappy/blob/main/format_description.txt */
export function snappyDecode(input: Uint8Array): Uint8Array {
  let at = 0;
  let size = 0;
  for (let weight = 1; ; weight *= 128) {
    const byte = input[at++];
    size += (byte & 0x7f) * weight;
    if (byte < 0x80) break;
  }
  const out = new Uint8Array(size);
  let length = 0;
  while (at < input.length) {
    const tag = input[at++];
    if ((tag & 3) === 0) {
      let literal = tag >> 2;
      if (literal >= 60) {
        const bytes = literal - 59;
        literal = 0;
        for (let i = 0; i < bytes; i++) literal += input[at++] * 256 ** i;
      }
      out.set(input.subarray(at, at + literal + 1), length);
      at += literal + 1;
      length += literal + 1;
      continue;
    }
    let copied = (tag >> 2) + 1;
    let offset = 0;
    if ((tag & 3) === 1) {
      copied = ((tag >> 2) & 7) + 4;
      offset = ((tag >> 5) << 8) + input[at++];
    } else {
      const bytes = (tag & 3) === 2 ? 2 : 4;
      for (let i = 0; i < bytes; i++) offset += input[at++] * 256 ** i;
    }
    // A copy may reach into what it writes.
    for (let i = 0; i < copied; i++, length++) out[length] = out[length - offset];
  }
  if (length !== size) throw new RangeError(`Cannot decode snappy: got ${length} bytes, expected ${size}`);
  return out;
}
