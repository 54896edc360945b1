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

  /** A superset of the series that all matchers hold for: the fewest that one matcher names; all when none does. */
  candidates(matchers: readonly Matcher[]): Iterable<number> {
    let best: readonly (readonly number[])[] | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    for (const matcher of matchers) {
      const lists = this.#named(matcher);
      const size = lists?.reduce((sum, ids) => sum + ids.length, 0) ?? Number.POSITIVE_INFINITY;
      if (size < fewest) [best, fewest] = [lists, size];
    }
    return best === undefined ? Array(this.#count).keys() : best.length === 1 ? best[0] : best.flat();
  }

  /** The series of each value that a matcher holds for; `undefined` when it may hold for series without the label. */
  #named(matcher: Matcher): readonly (readonly number[])[] | undefined {
    const values = this.#byName.get(matcher.name);
    if (matcher.operator === '=' && matcher.value !== '') return [values?.get(matcher.value) ?? []];
    if (matcher.matches('')) return undefined;
    const lists: number[][] = [];
    for (const [value, ids] of values ?? []) if (matcher.matches(value)) lists.push(ids);
    return lists;
  }
}

/** Makes a test of whether all matchers hold for a label set, which asks each matcher once for each value. */
export function matchesAll(matchers: readonly Matcher[]): (labels: Labels) => boolean {
  const known = matchers.map(({ name, matches }) => ({ name, matches, answers: new Map<string, boolean>() }));
  return (labels) => {
    for (const { name, matches, answers } of known) {
      const value = getLabel(labels, name);
      let answer = answers.get(value);
      if (answer === undefined) answers.set(value, (answer = matches(value)));
      if (!answer) return false;
    }
    return true;
  };
}
