/** Named character references whose character is ASCII: only those can change how HTML, URLs, CSS and JavaScript are read. */
const ASCII_ENTITIES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '\t': 'Tab',
    '\n': 'NewLine',
    '!': 'excl',
    '"': 'quot QUOT',
    '#': 'num',
    $: 'dollar',
    '%': 'percnt',
    '&': 'amp AMP',
    "'": 'apos',
    '(': 'lpar',
    ')': 'rpar',
    '*': 'ast midast',
    '+': 'plus',
    ',': 'comma',
    '.': 'period',
    '/': 'sol',
    ':': 'colon',
    ';': 'semi',
    '<': 'lt LT',
    '=': 'equals',
    '>': 'gt GT',
    '?': 'quest',
    '@': 'commat',
    '[': 'lsqb lbrack',
    '\\': 'bsol',
    ']': 'rsqb rbrack',
    '^': 'Hat',
    _: 'lowbar UnderBar',
    '`': 'grave DiacriticalGrave',
    fj: 'fjlig',
    '{': 'lcub lbrace',
    '|': 'verbar vert VerticalLine',
    '}': 'rcub rbrace',
  }).flatMap(([char, names]) => names.split(' ').map((name) => [name, char] as const)),
);

const REFERENCE = /&(?:#([0-9]+);?|#[xX]([0-9a-fA-F]+);?|([A-Za-z]+);|(amp|AMP|lt|LT|gt|GT|quot|QUOT))/g;

/** Decodes the character references in a literal attribute value. References to other than ASCII characters by name stay,
 *  which makes no difference to the analysis that this is for. */
export function decodeEntities(text: string): string {
  return text.replace(REFERENCE, (whole, decimal?: string, hex?: string, name?: string, legacy?: string) => {
    if (decimal !== undefined) return charOf(Number.parseInt(decimal, 10));
    if (hex !== undefined) return charOf(Number.parseInt(hex, 16));
    const known = ASCII_ENTITIES.get(name ?? legacy ?? '');
    if (known !== undefined) return known;
    const prefix = /^&(?:amp|lt|gt|quot)/i.exec(whole)?.[0];
    const char = prefix === undefined ? undefined : ASCII_ENTITIES.get(prefix.slice(1));
    return char === undefined ? whole : char + whole.slice(prefix!.length);
  });
}

function charOf(code: number): string {
  const isValid = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return isValid ? String.fromCodePoint(code) : '\ufffd';
}
