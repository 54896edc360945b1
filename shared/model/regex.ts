import { LRUCache } from 'lru-cache';
import { compileProgram, type RegexProgram } from './regex-engine.ts';
import { findShortcut, type RegexShortcut } from './regex-shortcut.ts';
import { expandRegexTemplate, parseRegexTemplate, type RegexTemplate } from './regex-template.ts';

/** A compiled RE2 pattern that must match a whole value, in time linear in the value. The only way a user's pattern is run. */
export interface LinearRegex {
  readonly source: string;
  /** Whether the whole of `value` matches. */
  matches(value: string): boolean;
  /** Replaces a fully matching `value` by `template` with `$1`, `${1}`, `$name`, `${name}`, `$$` expanded as Go's
   *  `Regexp.Expand` does; `undefined` when it does not match. */
  expand(value: string, template: string): string | undefined;
  /** The values that the pattern matches exactly, if they are few and it has no other: `a|b` → `['a', 'b']`. */
  readonly setMatches: readonly string[] | undefined;
}

/** A compiled RE2 pattern that may match anywhere in a text, in time linear in the text. */
export interface UnanchoredRegex {
  readonly source: string;
  /** Whether the pattern matches some part of `text`. @see Go's regexp.MatchString */
  matches(text: string): boolean;
  /** Replaces every match by `template`, expanded as in `LinearRegex.expand`. @see Go's Regexp.ReplaceAllString */
  replaceAll(text: string, template: string): string;
}

/** The text that upstream puts a pattern into before compiling it: with the `s` flag where Prometheus does, without in
 *  Alertmanager, where `.` does not match line breaks. */
export type RegexWrapper = '^(?s:' | '^(?:';

/** Patterns come from queries and configurations again and again; a compiled one takes some kilobytes. */
const MAX_CACHED = 500;

const matcherCache = new LRUCache<string, LinearRegex>({ max: MAX_CACHED });
const wrappedCache = new LRUCache<string, LinearRegex>({ max: MAX_CACHED });
const unanchoredCache = new LRUCache<string, UnanchoredRegex>({ max: MAX_CACHED });

/** Compiles a pattern as Prometheus's label matchers do: anchored at both ends, `.` matches line breaks too.
 *  @throws {SyntaxError} With Go's message, such as ``error parsing regexp: missing closing ): `(a` ``. */
export function compileRegex(source: string): LinearRegex {
  return cached(matcherCache, source, () => anchoredRegex(source, true));
}

/** Compiles a pattern as relabelling, `label_replace` (`^(?s:`) and Alertmanager's matchers (`^(?:`) do: Go's message
 *  quotes the wrapped pattern. Anchored at both ends also where a pattern closes the wrapper's parenthesis: such a
 *  pattern is refused.
 *  @throws {SyntaxError} With Go's message, such as ``error parsing regexp: missing closing ): `^(?s:(a)$` ``. */
export function compileWrappedRegex(source: string, wrapper: RegexWrapper = '^(?s:'): LinearRegex {
  const wrapped = `${wrapper}${source})$`;
  return cached(wrappedCache, wrapped, () => {
    try {
      // An unclosed \Q takes the wrapper's parenthesis as text.
      if (source.includes('\\Q')) compileProgram(wrapped, false);
      return anchoredRegex(source, wrapper === '^(?s:');
    } catch (error) {
      compileProgram(wrapped, false);
      throw error;
    }
  });
}

/** Compiles a pattern as the template functions `match` and `reReplaceAll` do: it may match anywhere, and `.` does not
 *  match line breaks.
 *  @throws {SyntaxError} With Go's message. */
export function compileUnanchoredRegex(source: string): UnanchoredRegex {
  return cached(unanchoredCache, source, () => unanchoredRegex(source));
}

function cached<T extends object>(cache: LRUCache<string, T>, key: string, create: () => T): T {
  let value = cache.get(key);
  if (value === undefined) {
    value = create();
    cache.set(key, value);
  }
  return value;
}

/** RE2 is not asked to compile a pattern until a value needs it, unless the pattern may not be valid. */
function anchoredRegex(source: string, dotAll: boolean): LinearRegex {
  const shortcut = findShortcut(source, dotAll);
  let program = shortcut === undefined ? compileProgram(source, dotAll) : undefined;
  const compiled = (): RegexProgram => (program ??= compileProgram(source, dotAll));
  const matches = wholeMatcher(shortcut, compiled);
  const template = templateCache();
  return {
    source,
    setMatches: shortcut?.setMatches,
    matches,
    expand: (value, text) => {
      const parts = template(text);
      if (isPlain(parts)) return matches(value) ? (parts[0] ?? '') : undefined;
      const groups = findGroups(value, shortcut, compiled);
      if (groups === undefined) return undefined;
      const { groupNumbers } = shortcut ?? compiled();
      return expandRegexTemplate(parts, { text: value, groups, groupNumbers });
    },
  };
}

function wholeMatcher(shortcut: RegexShortcut | undefined, compiled: () => RegexProgram): (value: string) => boolean {
  if (shortcut === undefined) {
    const program = compiled();
    return (value) => program.matchesWhole(value);
  }
  return (value) => shortcut.matches(value) ?? compiled().matchesWhole(value);
}

function findGroups(
  value: string,
  shortcut: RegexShortcut | undefined,
  compiled: () => RegexProgram,
): readonly number[] | undefined {
  const known = shortcut?.matches(value);
  if (known === false) return undefined;
  if (known === true && shortcut?.groupsOf !== undefined) return shortcut.groupsOf(value);
  return compiled().findWhole(value);
}

/** A template without references. */
function isPlain(parts: RegexTemplate): parts is readonly [string] | readonly [] {
  return parts.length === 0 || (parts.length === 1 && typeof parts[0] === 'string');
}

/** A pattern is used with one or two templates, unless queries make them up. */
const MAX_TEMPLATES = 16;

function templateCache(): (text: string) => RegexTemplate {
  const templates = new Map<string, RegexTemplate>();
  return (text) => {
    let parts = templates.get(text);
    if (parts === undefined) {
      if (templates.size === MAX_TEMPLATES) templates.clear();
      parts = parseRegexTemplate(text);
      templates.set(text, parts);
    }
    return parts;
  };
}

function unanchoredRegex(source: string): UnanchoredRegex {
  const program = compileProgram(source, false);
  return {
    source,
    matches: (text) => program.matchesAnywhere(text),
    replaceAll: (text, template) => replaceAll(program, text, parseRegexTemplate(template)),
  };
}

/** An empty match right after another match is not replaced, and the search always goes on by a character.
 *  @see Go's regexp.Regexp.replaceAll */
function replaceAll(program: RegexProgram, text: string, template: RegexTemplate): string {
  const { groupNumbers } = program;
  let out = '';
  let copied = 0;
  let from = 0;
  while (from <= text.length) {
    const groups = program.findFrom(text, from);
    if (groups === undefined) break;
    const [start, end] = groups;
    out += text.slice(copied, start);
    if (end > copied || start === 0) out += expandRegexTemplate(template, { text, groups, groupNumbers });
    copied = end;
    from = Math.max(end, from + characterLength(text, from));
  }
  return out + text.slice(copied);
}

/** In UTF-16 units; 1 at the end, so that a search ends. */
function characterLength(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}
