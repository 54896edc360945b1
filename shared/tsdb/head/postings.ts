import { getLabel, type Labels } from '#shared/model/labels.ts';
import type { Matcher } from '#shared/model/matcher.ts';

/** For each label pair the ids of the series that have it, rising. */
export class Postings {
  readonly #byName = new Map<string, Map<string, number[]>>();
  #count = 0;

  /** Adds the next series: its id is the number of series before it. */
  add(labels: Labels): void {
    const id = this.#count++;
    for (let i = 0; i < labels.length; i += 2) {
      let values = this.#byName.get(labels[i]);
      if (values === undefined) this.#byName.set(labels[i], (values = new Map()));
      const ids = values.get(labels[i + 1]);
      if (ids === undefined) values.set(labels[i + 1], [id]);
      else ids.push(id);
    }
  }

  /** A superset of the series that all matchers hold for: the shortest list that one matcher names; all when none does. */
  candidates(matchers: readonly Matcher[]): Iterable<number> {
    let best: number[] | undefined;
    for (const matcher of matchers) {
      const ids = this.#named(matcher);
      if (ids !== undefined && (best === undefined || ids.length < best.length)) best = ids;
    }
    return best ?? Array(this.#count).keys();
  }

  /** The series of an equality with a value; `undefined` when the matcher may hold for series without the label. */
  #named(matcher: Matcher): number[] | undefined {
    if (matcher.operator !== '=' || matcher.value === '') return undefined;
    return this.#byName.get(matcher.name)?.get(matcher.value) ?? [];
  }
}

/** Whether all matchers hold for a label set. */
export function matchesAll(matchers: readonly Matcher[], labels: Labels): boolean {
  return matchers.every((matcher) => matcher.matches(getLabel(labels, matcher.name)));
}
