/** Puts the first letter of each word in title case.
 *  @param keepRest Leave the other letters as they are, rather than in lower case.
 *  @see golang.org/x/text/cases titleCaser: words go on over `'`, `.` and `:` between letters, digits and `_` belong to them */
export function titleCase(text: string, { keepRest }: { readonly keepRest: boolean }): string {
  const chars = [...text];
  let inWord = false;
  let out = '';
  chars.forEach((char, i) => {
    if (isCased(char)) {
      if (!inWord) out += titleOf(char);
      else if (keepRest) out += char;
      else out += isFinalSigma(chars, i) ? 'ς' : char.toLowerCase();
      inWord = true;
      return;
    }
    out += char;
    if (isBreak(char)) inWord = false;
    else if (isMid(char) && isMid(chars[i + 1] ?? '')) inWord = false;
  });
  return out;
}

function isCased(char: string): boolean {
  return /^\p{Cased}$/u.test(char);
}

/** Punctuation that joins two letters. */
function isMid(char: string): boolean {
  return /^['.:\u00b7\u0387\u055f\u05f4\u2018\u2019\u2024\u2027\ufe13\ufe52\ufe55\uff07\uff0e\uff1a]$/.test(char);
}

function isBreak(char: string): boolean {
  if (isMid(char)) return false;
  return (
    !/^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Cf}]$/u.test(char) ||
    /^[\p{Ideographic}\p{sc=Hira}\p{sc=Thai}\p{sc=Lao}]$/u.test(char)
  );
}

/** Digraphs such as `ǆ` have a title case of their own, `ǅ`; elsewhere it is the upper case, of which only the first letter is large. */
function titleOf(char: string): string {
  const digraph = DIGRAPHS.get(char);
  if (digraph !== undefined) return digraph;
  const [first, ...rest] = char.toUpperCase();
  return first + rest.join('').toLowerCase();
}

const DIGRAPHS: ReadonlyMap<string, string> = new Map(
  ['ǄǅǆDž', 'ǇǈǉLj', 'ǊǋǌNj', 'ǱǲǳDz'].flatMap((forms) =>
    [...forms].slice(0, 3).map((form) => [form, [...forms][1]] as const),
  ),
);

/** A sigma after a letter and not before one. */
function isFinalSigma(chars: readonly string[], at: number): boolean {
  if (chars[at] !== 'Σ') return false;
  let next = at + 1;
  while (next < chars.length && (isMid(chars[next]) || /^\p{M}$/u.test(chars[next]))) next++;
  return next >= chars.length || !isCased(chars[next]);
}
