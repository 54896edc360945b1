const PREFIX = 'U__';
/** Upstream takes no more than five digits. */
const CODE = /^_(?:_|([0-9a-f]{1,5})_)/i;

/** The label name that a path stands for: after `U__`, `__` is an underscore and `_1f600_` a code point. What is not
 *  well escaped stands for itself.
 *  @see prometheus/common/model/metric.go UnescapeName */
export function unescapeLabelName(name: string): string {
  if (!name.startsWith(PREFIX)) return name;
  let unescaped = '';
  for (let rest = name.slice(PREFIX.length); rest !== ''; ) {
    if (rest[0] !== '_') {
      const end = rest.indexOf('_');
      unescaped += end < 0 ? rest : rest.slice(0, end);
      rest = end < 0 ? '' : rest.slice(end);
      continue;
    }
    const match = CODE.exec(rest);
    const char = match === null ? undefined : charOf(match[1]);
    if (match === null || char === undefined) return name;
    unescaped += char;
    rest = rest.slice(match[0].length);
  }
  return unescaped;
}

/** @param code Hexadecimal; `undefined` stands for the underscore. */
function charOf(code: string | undefined): string | undefined {
  if (code === undefined) return '_';
  const codePoint = Number.parseInt(code, 16);
  const isSurrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
  return isSurrogate ? undefined : String.fromCodePoint(codePoint);
}
