/** A glob that is not well-formed: an unclosed or empty `[`, or a trailing `\`. With Go's words. */
export class GlobError extends SyntaxError {
  constructor() {
    super('syntax error in pattern');
    this.name = 'GlobError';
  }
}

/** Whether the whole of `name` matches. `*` and `?` do not match `/`; `[a-z]` and `[^a-z]` match one character; `\`
 *  takes the next one literally. Takes time ∝ |pattern| · |name| at worst: only the last `*` is ever retried.
 *  @throws {GlobError}
 *  @see go/src/path/filepath/match.go Match */
export function matchGlob(pattern: string, name: string): boolean {
  const tokens = parseGlob(pattern);
  const characters = [...name];
  let at = 0;
  let token = 0;
  let retry: { readonly token: number; at: number } | undefined;
  while (at < characters.length || token < tokens.length) {
    const current = tokens[token];
    if (current === 'star') {
      retry = { token: ++token, at };
      continue;
    }
    if (current !== undefined && at < characters.length && current(characters[at])) {
      token++;
      at++;
      continue;
    }
    if (retry === undefined || retry.at >= characters.length || characters[retry.at] === '/') return false;
    at = ++retry.at;
    token = retry.token;
  }
  return true;
}

/** Whether the text has any of `*?[\`, so that it may name more than itself. */
export function hasGlob(text: string): boolean {
  return /[*?[\\]/.test(text);
}

type Token = 'star' | ((character: string) => boolean);

function parseGlob(pattern: string): readonly Token[] {
  const characters = [...pattern];
  const tokens: Token[] = [];
  let at = 0;
  while (at < characters.length) {
    const character = characters[at++];
    if (character === '*') {
      if (tokens.at(-1) !== 'star') tokens.push('star');
    } else if (character === '?') tokens.push((c) => c !== '/');
    else if (character === '[') {
      const { matches, end } = parseClass(characters, at);
      tokens.push(matches);
      at = end;
    } else {
      const literal = character === '\\' ? characters[at++] : character;
      if (literal === undefined) throw new GlobError();
      tokens.push((c) => c === literal);
    }
  }
  return tokens;
}

function parseClass(characters: readonly string[], start: number): { matches: (c: string) => boolean; end: number } {
  let at = start;
  const negated = characters[at] === '^';
  if (negated) at++;
  const ranges: [low: number, high: number][] = [];
  while (characters[at] !== ']' || ranges.length === 0) {
    const low = classCharacter(characters, at);
    at = low.end;
    let high = low;
    if (characters[at] === '-') {
      high = classCharacter(characters, at + 1);
      at = high.end;
    }
    ranges.push([low.code, high.code]);
  }
  const within = (code: number) => ranges.some(([low, high]) => low <= code && code <= high);
  return { matches: (c) => c !== '/' && within(c.codePointAt(0)!) !== negated, end: at + 1 };
}

function classCharacter(characters: readonly string[], at: number): { code: number; end: number } {
  const escaped = characters[at] === '\\';
  const character = characters[escaped ? at + 1 : at];
  if (character === undefined || (!escaped && (character === '-' || character === ']'))) throw new GlobError();
  return { code: character.codePointAt(0)!, end: at + (escaped ? 2 : 1) };
}
