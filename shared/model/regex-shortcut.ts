import { type PatternNode, parseSimplePattern, type SimplePattern } from './regex-syntax.ts';

/** What can be said of a pattern without running RE2. */
export interface RegexShortcut {
  /** Whether the whole of `value` matches; `undefined` where only RE2 can tell. */
  readonly matches: (value: string) => boolean | undefined;
  /** All values that match, without repetition, in the pattern's order; `undefined` when they are many or endless. */
  readonly setMatches: readonly string[] | undefined;
  /** The `[start, end]` pairs of a matching value and of its groups, flat; absent when they take RE2 to find. */
  readonly groupsOf: ((value: string) => readonly number[]) | undefined;
  readonly groupNumbers: ReadonlyMap<string, number>;
}

/** As many values as upstream looks up one by one. @see prometheus/model/labels/regexp.go maxSetMatches */
const MAX_SET_MATCHES = 256;

/** `(a|b)(c|d)…` multiplies; beyond this RE2's automaton is the smaller machine. */
const MAX_PRODUCT = 1000;

/** Globs are tried one after another. */
const MAX_WILDCARD_GLOBS = 32;

/** Literal texts with gaps between them: a number is a gap of at least so many characters (0 or 1). No two gaps and
 *  no two texts are neighbours. */
type Glob = readonly (string | number)[];

/** Looks for a shortcut; `undefined` when the pattern has none, or is not valid.
 *  @see prometheus/model/labels/regexp.go FastRegexMatcher */
export function findShortcut(source: string, dotAll: boolean): RegexShortcut | undefined {
  const pattern = parseSimplePattern(source, dotAll);
  const globs = pattern && globsOf(pattern.node);
  if (pattern === undefined || globs === undefined) return undefined;
  const literals = new Set(globs.filter(isLiteral).map(([text = '']) => text as string));
  const wildcards = globs.filter((glob) => !isLiteral(glob));
  if (wildcards.length > MAX_WILDCARD_GLOBS) return undefined;
  const isSet = wildcards.length === 0 && !pattern.foldCase && literals.size <= MAX_SET_MATCHES;
  return {
    matches: guard(pattern, matcherOf(literals, wildcards)),
    setMatches: isSet ? [...literals] : undefined,
    groupsOf: groupFinder(pattern),
    groupNumbers: groupNumbers(pattern.node),
  };
}

/** A pattern that folds case is left to RE2 for values beyond ASCII, one whose dot stops at line breaks for values
 *  with some. */
function guard(pattern: SimplePattern, matches: (value: string) => boolean): RegexShortcut['matches'] {
  const { foldCase, dotExcludesNewline } = pattern;
  if (!foldCase && !dotExcludesNewline) return matches;
  return (value) => {
    if (dotExcludesNewline && value.includes('\n')) return undefined;
    if (!foldCase) return matches(value);
    return /^[\0-\x7f]*$/.test(value) ? matches(value.toLowerCase()) : undefined;
  };
}

function matcherOf(literals: ReadonlySet<string>, globs: readonly Glob[]): (value: string) => boolean {
  const globMatchers = globs.map(globMatcher);
  if (globMatchers.length === 0) return literalMatcher(literals);
  if (globMatchers.length === 1 && literals.size === 0) return globMatchers[0];
  return (value) => literals.has(value) || globMatchers.some((matches) => matches(value));
}

function literalMatcher(literals: ReadonlySet<string>): (value: string) => boolean {
  if (literals.size !== 1) return (value) => literals.has(value);
  const [only] = literals;
  return (value) => value === only;
}

/** Text lengths count UTF-16 units: a gap of at least one character is one of at least one unit, as long as texts begin
 *  and end at characters. */
function globMatcher(glob: Glob): (value: string) => boolean {
  const [first, second, third] = glob;
  if (glob.length === 1) return first === 0 ? () => true : (value) => value !== '';
  if (glob.length === 2 && typeof first === 'string') {
    const minLength = first.length + (second as number);
    return (value) => value.length >= minLength && value.startsWith(first);
  }
  if (glob.length === 2 && typeof second === 'string') {
    const minLength = second.length + (first as number);
    return (value) => value.length >= minLength && value.endsWith(second);
  }
  if (glob.length === 3 && first === 0 && third === 0) return (value) => value.includes(second as string);
  return (value) => matchesGlob(glob, value);
}

/** Takes each text where it first fits. With gaps of any length, that leaves the most room for those that follow. */
function matchesGlob(glob: Glob, value: string): boolean {
  let at = 0;
  let gap: number | undefined;
  for (let i = 0; i < glob.length; i++) {
    const part = glob[i];
    if (typeof part === 'number') {
      gap = part;
      continue;
    }
    const found = placeText(value, part, { at, gap, last: i === glob.length - 1 });
    if (found === undefined) return false;
    at = found + part.length;
    gap = undefined;
  }
  return gap === undefined ? at === value.length : value.length - at >= gap;
}

function placeText(
  value: string,
  text: string,
  { at, gap, last }: { readonly at: number; readonly gap: number | undefined; readonly last: boolean },
): number | undefined {
  if (gap === undefined) return value.startsWith(text, at) ? at : undefined;
  const start = last ? value.length - text.length : value.indexOf(text, at + gap);
  if (start < at + gap) return undefined;
  return !last || value.endsWith(text) ? start : undefined;
}

function isLiteral(glob: Glob): boolean {
  return glob.length === 0 || (glob.length === 1 && typeof glob[0] === 'string');
}

/** Multiplies a pattern out; `undefined` when that is too much, or a gap would be of two characters or more. */
function globsOf(node: PatternNode): readonly Glob[] | undefined {
  switch (node.kind) {
    case 'literal':
      return [[node.text]];
    case 'wildcard':
      return [[node.minLength]];
    case 'capture':
      return globsOf(node.node);
    case 'alternate':
      return alternatives(node.options);
    case 'concat':
      return product(node.parts);
  }
}

function alternatives(options: readonly PatternNode[]): readonly Glob[] | undefined {
  const all: Glob[] = [];
  for (const option of options) {
    const globs = globsOf(option);
    if (globs === undefined) return undefined;
    for (const glob of globs) all.push(glob);
  }
  return all;
}

function product(parts: readonly PatternNode[]): readonly Glob[] | undefined {
  let all: readonly Glob[] = [[]];
  for (const part of parts) {
    const globs = globsOf(part);
    if (globs === undefined || all.length * globs.length > MAX_PRODUCT) return undefined;
    const longer: Glob[] = [];
    for (const head of all) {
      for (const tail of globs) {
        const glob = joinGlobs(head, tail);
        if (glob === undefined) return undefined;
        longer.push(glob);
      }
    }
    all = longer;
  }
  return all;
}

function joinGlobs(head: Glob, tail: Glob): Glob | undefined {
  if (head.length === 0) return tail;
  if (tail.length === 0) return head;
  const left = head[head.length - 1];
  const right = tail[0];
  if (typeof left !== typeof right) return [...head, ...tail];
  const joined = (left as string) + (right as string);
  if (typeof joined === 'number' && joined > 1) return undefined;
  return [...head.slice(0, -1), joined, ...tail.slice(1)];
}

/** Without alternatives and with one wildcard at most, every group begins and ends at a fixed distance from the value's
 *  start, or from its end. */
function groupFinder(pattern: SimplePattern): RegexShortcut['groupsOf'] {
  const bounds = new Array<Bound>(2 * (pattern.groupCount + 1));
  const end = walkBounds(pattern.node, { chars: 0, afterWildcard: false }, bounds);
  if (end === undefined) return undefined;
  bounds[0] = { chars: 0, afterWildcard: false };
  bounds[1] = end;
  const chars = Int32Array.from(bounds, (bound) => bound.chars);
  const afterWildcard = bounds.map((bound) => bound.afterWildcard);
  return (value) => {
    const shift = value.length - end.chars;
    const groups = new Array<number>(chars.length);
    for (let i = 0; i < groups.length; i++) groups[i] = afterWildcard[i] ? chars[i] + shift : chars[i];
    return groups;
  };
}

/** How much text the pattern has before a place in it, since its wildcard if that is before. */
interface Bound {
  readonly chars: number;
  readonly afterWildcard: boolean;
}

/** Notes the groups' bounds and returns the one after `node`; `undefined` when they are not fixed. */
function walkBounds(node: PatternNode, start: Bound, bounds: Bound[]): Bound | undefined {
  switch (node.kind) {
    case 'literal':
      return { ...start, chars: start.chars + node.text.length };
    case 'wildcard':
      return start.afterWildcard ? undefined : { chars: 0, afterWildcard: true };
    case 'alternate':
      return undefined;
    case 'capture':
      bounds[2 * node.group] = start;
      return noteEnd(node.group, walkBounds(node.node, start, bounds), bounds);
    case 'concat': {
      let at: Bound | undefined = start;
      for (const part of node.parts) at = at && walkBounds(part, at, bounds);
      return at;
    }
  }
}

function noteEnd(group: number, end: Bound | undefined, bounds: Bound[]): Bound | undefined {
  if (end !== undefined) bounds[2 * group + 1] = end;
  return end;
}

function groupNumbers(node: PatternNode, numbers = new Map<string, number>()): ReadonlyMap<string, number> {
  if (node.kind === 'capture') {
    if (node.name !== '') numbers.set(node.name, node.group);
    groupNumbers(node.node, numbers);
  }
  if (node.kind === 'concat') for (const part of node.parts) groupNumbers(part, numbers);
  if (node.kind === 'alternate') for (const option of node.options) groupNumbers(option, numbers);
  return numbers;
}
