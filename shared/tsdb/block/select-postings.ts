import type { Matcher } from '#shared/model/matcher.ts';
import type { ByteRange } from '#shared/ports/object-store.ts';
import type { PostingsOffsets } from './postings-offsets.ts';

/** Which lists of postings decide what matches: series that are in one list of each of `all`, and in none of `none`. */
export interface PostingsPlan {
  readonly all: readonly (readonly ByteRange[])[];
  readonly none: readonly ByteRange[];
}

/** Plans what to read for `matchers`. Each is asked once for each value of its label, at most.
 *  @returns `undefined` when nothing can match.
 *  @see prometheus/tsdb/querier.go PostingsForMatchers */
export function planPostings(offsets: PostingsOffsets, matchers: readonly Matcher[]): PostingsPlan | undefined {
  const all: (readonly ByteRange[])[] = [];
  const none: ByteRange[] = [];
  for (const [name, group] of Map.groupBy(matchers, (matcher) => matcher.name)) {
    const matches = (value: string) => group.every((matcher) => matcher.matches(value));
    if (name === '') {
      // No series has a label without a name, so that its value is empty.
      if (!matches('')) return undefined;
    } else if (matches('')) none.push(...excludedLists(offsets, name, group));
    else {
      const lists = includedLists(offsets, name, group);
      if (lists.length === 0) return undefined;
      all.push(lists);
    }
  }
  return { all, none };
}

/** The lists of the values that all matchers of a name hold for, of which one does not for the empty value. */
function includedLists(offsets: PostingsOffsets, name: string, group: readonly Matcher[]): readonly ByteRange[] {
  const equal = group.find((matcher) => matcher.operator === '=');
  if (equal === undefined) return listsOf(offsets, name, (value) => group.every((matcher) => matcher.matches(value)));
  if (!group.every((matcher) => matcher.matches(equal.value))) return [];
  const list = offsets.find(name, equal.value);
  return list === undefined ? [] : [list];
}

/** The lists of the values that a matcher of a name does not hold for; all hold for the empty value. */
function excludedLists(offsets: PostingsOffsets, name: string, group: readonly Matcher[]): readonly ByteRange[] {
  if (!group.every((matcher) => matcher.operator === '!=')) {
    return listsOf(offsets, name, (value) => !group.every((matcher) => matcher.matches(value)));
  }
  const values = new Set(group.map((matcher) => matcher.value));
  return [...values].flatMap((value) => offsets.find(name, value) ?? []);
}

function listsOf(offsets: PostingsOffsets, name: string, wanted: (value: string) => boolean): readonly ByteRange[] {
  const lists: ByteRange[] = [];
  offsets.scan(name, (value, range) => {
    if (wanted(value)) lists.push(range);
  });
  return lists;
}
