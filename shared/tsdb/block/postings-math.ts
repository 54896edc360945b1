/** The refs of several lists, ordered; one that is in several lists comes as often. */
export function unite(lists: readonly Uint32Array[]): Uint32Array {
  if (lists.length === 1) return lists[0];
  const all = new Uint32Array(lists.reduce((total, list) => total + list.length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all.sort();
}

/** The refs that are in all lists, which rise. */
export function intersect(lists: readonly Uint32Array[]): Uint32Array {
  const [smallest, ...others] = lists.toSorted((a, b) => a.length - b.length);
  return others.reduce((refs, other) => keep(refs, other, true), smallest);
}

/** The refs of `refs` that are not in `without`; both rise. */
export function subtract(refs: Uint32Array, without: Uint32Array): Uint32Array {
  return keep(refs, without, false);
}

/** Those of `refs` that are, or are not, in `other`: in time ∝ |refs| · log |other| at worst, |refs| + |other| at best. */
function keep(refs: Uint32Array, other: Uint32Array, present: boolean): Uint32Array {
  const kept = new Uint32Array(refs.length);
  let length = 0;
  let at = 0;
  for (const ref of refs) {
    at = firstNotBelow(other, ref, at);
    if ((at < other.length && other[at] === ref) === present) kept[length++] = ref;
  }
  return kept.subarray(0, length);
}

/** Where in `list` from `from` on the first number ≥ `wanted` is; looks near `from` first. */
export function firstNotBelow(list: Uint32Array, wanted: number, from = 0): number {
  let step = 1;
  let low = from;
  let high = from;
  while (high < list.length && list[high] < wanted) {
    low = high + 1;
    high += step;
    step *= 2;
  }
  high = Math.min(high, list.length);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
