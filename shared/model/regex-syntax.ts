/** The part of RE2's syntax that most patterns on label values keep to: literal text, `.*` and `.+`, groups, alternation,
 *  small character classes, `x?`, `(?i)`, and the anchors where they say nothing. */
export type PatternNode =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'wildcard'; readonly minLength: 0 | 1 }
  | { readonly kind: 'concat'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'alternate'; readonly options: readonly PatternNode[] }
  | { readonly kind: 'capture'; readonly group: number; readonly name: string; readonly node: PatternNode };

export interface SimplePattern {
  readonly node: PatternNode;
  /** Literals are lower case and match either case. */
  readonly foldCase: boolean;
  /** Some wildcard does not match line breaks. */
  readonly dotExcludesNewline: boolean;
  readonly groupCount: number;
}

/** Deeper nesting is left to the full parser, which has a limit of its own. */
const MAX_DEPTH = 20;

/** Parses a pattern of that part. `undefined` for any other, be it valid or not: RE2 decides.
 *  @param dotAll Whether `.` matches line breaks before any flag of the pattern says otherwise. */
export function parseSimplePattern(source: string, dotAll: boolean): SimplePattern | undefined {
  return new Parser(source, dotAll).parse();
}

interface Flags {
  foldCase: boolean;
  dotAll: boolean;
}

const EMPTY: PatternNode = { kind: 'concat', parts: [] };

class Parser {
  readonly #source: string;
  readonly #dotAll: boolean;
  #at = 0;
  #groupCount = 0;
  #names = new Set<string>();
  #exactLetters = false;
  #foldedLetters = false;
  #dotExcludesNewline = false;

  constructor(source: string, dotAll: boolean) {
    this.#source = source;
    this.#dotAll = dotAll;
  }

  parse(): SimplePattern | undefined {
    const node = this.#alternation({ foldCase: false, dotAll: this.#dotAll }, 0);
    if (node === undefined || this.#at < this.#source.length) return undefined;
    if (this.#exactLetters && this.#foldedLetters) return undefined;
    return {
      node,
      foldCase: this.#foldedLetters,
      dotExcludesNewline: this.#dotExcludesNewline,
      groupCount: this.#groupCount,
    };
  }

  /** Reads up to the end or the group's closing parenthesis. Flags hold from where they stand to that end. */
  #alternation(flags: Flags, depth: number): PatternNode | undefined {
    const options: PatternNode[] = [];
    let parts: PatternNode[] = [];
    while (this.#at < this.#source.length && this.#peek() !== ')') {
      if (this.#eat('|')) {
        options.push(concat(parts));
        parts = [];
        continue;
      }
      const part = this.#part(flags, depth, parts.length === 0);
      if (part === undefined) return undefined;
      if (part !== EMPTY) parts.push(part);
    }
    options.push(concat(parts));
    return options.length === 1 ? options[0] : { kind: 'alternate', options };
  }

  #part(flags: Flags, depth: number, first: boolean): PatternNode | undefined {
    switch (this.#peek()) {
      case '^':
        this.#at++;
        return depth === 0 && first && !this.#atQuantifier() ? EMPTY : undefined;
      case '$':
        this.#at++;
        return depth === 0 && (this.#at === this.#source.length || this.#peek() === '|') ? EMPTY : undefined;
      case '.':
        return this.#wildcard(flags);
      case '(':
        return this.#group(flags, depth);
      case '[':
        return this.#optional(this.#characterClass(flags));
      default:
        return this.#literal(flags);
    }
  }

  #wildcard(flags: Flags): PatternNode | undefined {
    const quantifier = this.#source[this.#at + 1];
    if (quantifier !== '*' && quantifier !== '+') return undefined;
    this.#at += 2;
    this.#eat('?');
    if (this.#atQuantifier()) return undefined;
    if (!flags.dotAll) this.#dotExcludesNewline = true;
    return { kind: 'wildcard', minLength: quantifier === '*' ? 0 : 1 };
  }

  /** After `(`: a capture, a group with flags, or flags for the rest of the group around it. */
  #group(flags: Flags, depth: number): PatternNode | undefined {
    if (depth === MAX_DEPTH) return undefined;
    this.#at++;
    if (!this.#eat('?')) return this.#capture('', flags, depth);
    const name = this.#groupName();
    if (name !== undefined) return this.#capture(name, flags, depth);
    const changed = this.#flags(flags);
    if (changed === undefined) return undefined;
    if (this.#eat(')')) {
      Object.assign(flags, changed);
      return this.#atQuantifier() ? undefined : EMPTY;
    }
    if (!this.#eat(':')) return undefined;
    return this.#optional(this.#closed(this.#alternation(changed, depth + 1)));
  }

  #capture(name: string, flags: Flags, depth: number): PatternNode | undefined {
    const group = ++this.#groupCount;
    const node = this.#closed(this.#alternation({ ...flags }, depth + 1));
    return node && this.#optional({ kind: 'capture', group, name, node });
  }

  #closed(node: PatternNode | undefined): PatternNode | undefined {
    return node !== undefined && this.#eat(')') ? node : undefined;
  }

  /** `P<name>` or `<name>`, if the group has a name that was not used before. */
  #groupName(): string | undefined {
    const match = /P?<([A-Za-z0-9_]+)>/y;
    match.lastIndex = this.#at;
    const name = match.exec(this.#source)?.[1];
    if (name === undefined || this.#names.has(name)) return undefined;
    this.#names.add(name);
    this.#at = match.lastIndex;
    return name;
  }

  /** `i`, `s`, and after a `-` those to clear. The others change what the rest means. */
  #flags(flags: Flags): Flags | undefined {
    const match = /([is]*)(?:-([is]+))?(?=[:)])/y;
    match.lastIndex = this.#at;
    const [, set = '', clear = ''] = match.exec(this.#source) ?? [];
    if (match.lastIndex === 0) return undefined;
    this.#at = match.lastIndex;
    const value = (flag: string, before: boolean) => !clear.includes(flag) && (before || set.includes(flag));
    return { foldCase: value('i', flags.foldCase), dotAll: value('s', flags.dotAll) };
  }

  #literal(flags: Flags): PatternNode | undefined {
    if ('*+?{'.includes(this.#peek())) return undefined;
    if (this.#eat('\\') && !/[!-/:-@[-`{-~]/.test(this.#peek())) return undefined;
    const char = String.fromCodePoint(this.#source.codePointAt(this.#at)!);
    this.#at += char.length;
    return this.#optional(this.#character(char, flags));
  }

  /** Text that matches in either case is ASCII only: beyond it, RE2 folds more than lower case does. */
  #character(char: string, flags: Flags): PatternNode | undefined {
    const isLetter = /[A-Za-z]/.test(char);
    if (!flags.foldCase) {
      if (isLetter) this.#exactLetters = true;
      return { kind: 'literal', text: char };
    }
    if (char > '\x7f') return undefined;
    if (isLetter) this.#foldedLetters = true;
    return { kind: 'literal', text: char.toLowerCase() };
  }

  /** Classes of ASCII letters, digits and a few signs, with ranges within the letters and digits. */
  #characterClass(flags: Flags): PatternNode | undefined {
    const match = /\[(?!\^)(-?(?:[0-9]-[0-9]|[a-z]-[a-z]|[A-Z]-[A-Z]|[A-Za-z0-9_.:/ ^](?!-[^\]]))*-?)\]/y;
    match.lastIndex = this.#at;
    const body = match.exec(this.#source)?.[1];
    if (body === undefined || body === '') return undefined;
    this.#at = match.lastIndex;
    const chars = classCharacters(body);
    const options = chars?.map((char) => this.#character(char, flags)!);
    return options && { kind: 'alternate', options };
  }

  /** `x?` is x or nothing; repetitions of anything but a dot are RE2's. */
  #optional(node: PatternNode | undefined): PatternNode | undefined {
    if (node === undefined) return undefined;
    if (!this.#eat('?')) return this.#atQuantifier() ? undefined : node;
    this.#eat('?');
    return this.#atQuantifier() ? undefined : { kind: 'alternate', options: [node, EMPTY] };
  }

  #peek(): string {
    return this.#source[this.#at] ?? '';
  }

  #eat(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at++;
    return true;
  }

  #atQuantifier(): boolean {
    return this.#at < this.#source.length && '*+?{'.includes(this.#peek());
  }
}

/** Joins runs of literals. */
function concat(parts: readonly PatternNode[]): PatternNode {
  const joined: PatternNode[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.kind === 'literal' && last?.kind === 'literal') {
      joined[joined.length - 1] = { kind: 'literal', text: last.text + part.text };
    } else joined.push(part);
  }
  return joined.length === 1 ? joined[0] : { kind: 'concat', parts: joined };
}

/** The characters of `a-cx_`; `undefined` when a range runs backwards, which RE2 refuses. */
function classCharacters(body: string): readonly string[] | undefined {
  const chars = new Set<string>();
  for (let i = 0; i < body.length; i++) {
    const isRange = body[i + 1] === '-' && i + 2 < body.length && body[i] !== '-';
    const first = body.charCodeAt(i);
    const last = isRange ? body.charCodeAt(i + 2) : first;
    if (last < first) return undefined;
    for (let code = first; code <= last; code++) chars.add(String.fromCharCode(code));
    if (isRange) i += 2;
  }
  return [...chars];
}
