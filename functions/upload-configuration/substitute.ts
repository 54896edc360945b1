/** Puts each value in the place of `${name}`; other `${…}` stay as they are. */
export function substitute(text: string, substitutions: Readonly<Record<string, string>>): string {
  return Object.entries(substitutions).reduce(
    (result, [name, value]) => result.replaceAll(`\${${name}}`, () => value),
    text,
  );
}
