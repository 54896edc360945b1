/** A replacement text in parts: literal text, the number of a group, or the name of a group. */
export type RegexTemplate = readonly TemplatePart[];

type TemplatePart = string | number | { readonly name: string };

/** Parses `$1`, `${1}`, `$name`, `${name}` and `$$`. The longest run of letters, digits and `_` is the name, so `$1x` is
 *  `${1x}`; a `$` that begins none of these stands for itself.
 *  @see Go's regexp.Regexp.Expand */
export function parseRegexTemplate(template: string): RegexTemplate {
  const parts: TemplatePart[] = [];
  let at = 0;
  for (let dollar = template.indexOf('$'); dollar >= 0; dollar = template.indexOf('$', at)) {
    parts.push(template.slice(at, dollar));
    if (template[dollar + 1] === '$') {
      parts.push('$');
      at = dollar + 2;
      continue;
    }
    const reference = parseReference(template, dollar + 1);
    parts.push(reference?.part ?? '$');
    at = reference?.end ?? dollar + 1;
  }
  parts.push(template.slice(at));
  return parts.filter((part) => part !== '');
}

/** Expands a template. A group that does not exist or took no part is empty.
 *  @param groups `[start, end]` pairs in `text`, flat, the whole match first. */
export function expandRegexTemplate(
  template: RegexTemplate,
  match: {
    readonly text: string;
    readonly groups: readonly number[];
    readonly groupNumbers: ReadonlyMap<string, number>;
  },
): string {
  let out = '';
  for (const part of template) {
    if (typeof part === 'string') {
      out += part;
      continue;
    }
    const group = typeof part === 'number' ? part : match.groupNumbers.get(part.name);
    if (group === undefined || 2 * group >= match.groups.length || match.groups[2 * group] < 0) continue;
    out += match.text.slice(match.groups[2 * group], match.groups[2 * group + 1]);
  }
  return out;
}

const NAME = /[\p{L}\p{Nd}_]+/uy;

/** Go reads numbers below 10⁹ without a leading zero as such, others as names. */
const GROUP_NUMBER = /^(?:0|[1-9][0-9]{0,8})$/;

function parseReference(template: string, start: number): { part: TemplatePart; end: number } | undefined {
  const braced = template[start] === '{';
  NAME.lastIndex = braced ? start + 1 : start;
  const name = NAME.exec(template)?.[0];
  if (name === undefined) return undefined;
  const end = NAME.lastIndex;
  if (braced && template[end] !== '}') return undefined;
  return { part: GROUP_NUMBER.test(name) ? Number(name) : { name }, end: braced ? end + 1 : end };
}
