/** Modifiers are what a query may go without. */
export type TermType = 'vector' | 'matrix' | 'scalar' | 'string' | 'modifier';

/** A part of a query: text, and parts of it that another of the same type may take the place of. */
export interface Term {
  readonly type: TermType;
  readonly parts: readonly (string | Term)[];
  /** Terms that select less. */
  readonly narrower?: () => readonly Term[];
}

/** Makes a term: `` term('vector')`abs(${inner})` ``. */
export function term(type: TermType): (texts: TemplateStringsArray, ...parts: readonly (string | Term)[]) => Term {
  return (texts, ...parts) => ({
    type,
    parts: texts.flatMap((text, i) => (i < parts.length ? [text, parts[i]] : [text])).filter((part) => part !== ''),
  });
}

export const vector = term('vector');
export const matrix = term('matrix');
export const scalar = term('scalar');
export const string = term('string');
export const modifier = term('modifier');

export const NOTHING: Term = { type: 'modifier', parts: [] };

export function textOf({ parts }: Term): string {
  return parts.map((part) => (typeof part === 'string' ? part : textOf(part))).join('');
}

/** `parts` with `separator` between them. */
export function joined(parts: readonly (string | Term)[], separator: string): (string | Term)[] {
  return parts.flatMap((part, i) => (i === 0 ? [part] : [separator, part]));
}

/** Queries that are a little smaller: with one part replaced by a part of it, by something trivial, or left out.
 *  The ones that leave out most come first. */
export function* smallerTerms(whole: Term): Generator<Term> {
  for (const inner of descendants(whole)) if (inner.type === whole.type && inner.parts.length > 0) yield inner;
  if (whole.type === 'modifier' && whole.parts.length > 0) yield NOTHING;
  if (whole.type === 'scalar' && textOf(whole) !== '1' && textOf(whole) !== '0') yield scalar`1`;
  yield* whole.narrower?.() ?? [];
  for (const [i, part] of whole.parts.entries()) {
    if (typeof part === 'string') continue;
    for (const smaller of smallerTerms(part)) yield { ...whole, parts: whole.parts.with(i, smaller) };
  }
}

function* descendants({ parts }: Term): Generator<Term> {
  for (const part of parts) {
    if (typeof part === 'string') continue;
    yield part;
    yield* descendants(part);
  }
}
