/** Orders two items; need not be a strict order: with NaN upstream's are none. */
export type Less<T> = (a: T, b: T) => boolean;

/** Up to this length items are sorted by insertion, which keeps the order of equals. */
const INSERTION_LENGTH = 12;
/** From this length on the pivot is the median of three medians, and runs that are nearly in order are tried first. */
const LONG = 50;
const MOST_SWAPS = 12;
const SHIFTED_PAIRS = 5;

/** Sorts `items` in place exactly as Go's `sort.Sort` does. It decides how equal items end up, which Go leaves open but
 *  is always the same: pattern-defeating quicksort with fixed pivots.
 *  @see go/src/sort/zsortinterface.go pdqsort, https://arxiv.org/pdf/2106.05123.pdf */
export function goSort<T>(items: T[], less: Less<T>): void {
  if (items.length > 1) new PatternDefeatingSort(items, less).sort(0, items.length, bitLength(items.length));
}

function bitLength(value: number): number {
  return 32 - Math.clz32(value);
}

class PatternDefeatingSort<T> {
  readonly #items: T[];
  readonly #less: Less<T>;
  /** Of the pivot that is chosen. */
  #swaps = 0;

  constructor(items: T[], less: Less<T>) {
    this.#items = items;
    this.#less = less;
  }

  #isLess(i: number, j: number): boolean {
    return this.#less(this.#items[i], this.#items[j]);
  }

  #swap(i: number, j: number): void {
    const items = this.#items;
    const item = items[i];
    items[i] = items[j];
    items[j] = item;
  }

  /** Sorts from `start` up to and without `end`. @param badLeft Unbalanced pivots allowed before it sorts by heap. */
  sort(start: number, end: number, badLeft: number): void {
    let isBalanced = true;
    let wasPartitioned = true;
    while (end - start > INSERTION_LENGTH) {
      if (badLeft === 0) {
        this.#heapSort(start, end);
        return;
      }
      if (!isBalanced) {
        this.#scatter(start, end);
        badLeft--;
      }
      let pivot = this.#choosePivot(start, end);
      const isFalling = this.#swaps === MOST_SWAPS;
      if (isFalling) {
        this.#reverse(start, end);
        pivot = end - 1 - (pivot - start);
      }
      const isRising = isFalling || this.#swaps === 0;
      if (isBalanced && wasPartitioned && isRising && this.#finishNearlySorted(start, end)) return;
      if (start > 0 && !this.#isLess(start - 1, pivot)) {
        start = this.#partitionEqual(start, end, pivot);
        continue;
      }
      const partition = this.#partition(start, end, pivot);
      wasPartitioned = partition.wasPartitioned;
      const { middle } = partition;
      const enough = Math.floor((end - start) / 8);
      isBalanced = Math.min(middle - start, end - middle) >= enough;
      if (middle - start < end - middle) {
        this.sort(start, middle, badLeft);
        start = middle + 1;
      } else {
        this.sort(middle + 1, end, badLeft);
        end = middle;
      }
    }
    this.#insertionSort(start, end);
  }

  #insertionSort(start: number, end: number): void {
    for (let i = start + 1; i < end; i++) {
      for (let j = i; j > start && this.#isLess(j, j - 1); j--) this.#swap(j, j - 1);
    }
  }

  #heapSort(start: number, end: number): void {
    const length = end - start;
    for (let i = (length - 1) >> 1; i >= 0; i--) this.#siftDown(start, i, length);
    for (let i = length - 1; i >= 0; i--) {
      this.#swap(start, start + i);
      this.#siftDown(start, 0, i);
    }
  }

  #siftDown(start: number, from: number, length: number): void {
    let root = from;
    for (let child = 2 * root + 1; child < length; child = 2 * root + 1) {
      if (child + 1 < length && this.#isLess(start + child, start + child + 1)) child++;
      if (!this.#isLess(start + root, start + child)) return;
      this.#swap(start + root, start + child);
      root = child;
    }
  }

  #partition(start: number, end: number, pivot: number): { middle: number; wasPartitioned: boolean } {
    this.#swap(start, pivot);
    let low = start + 1;
    let high = end - 1;
    for (let isFirst = true; ; isFirst = false) {
      while (low <= high && this.#isLess(low, start)) low++;
      while (low <= high && !this.#isLess(high, start)) high--;
      if (low > high) {
        this.#swap(high, start);
        return { middle: high, wasPartitioned: isFirst };
      }
      this.#swap(low++, high--);
    }
  }

  /** Puts items equal to the pivot first, where none is less. @returns Where the greater ones begin. */
  #partitionEqual(start: number, end: number, pivot: number): number {
    this.#swap(start, pivot);
    let low = start + 1;
    let high = end - 1;
    for (;;) {
      while (low <= high && !this.#isLess(start, low)) low++;
      while (low <= high && this.#isLess(start, high)) high--;
      if (low > high) return low;
      this.#swap(low++, high--);
    }
  }

  /** Puts a few neighbours right. @returns Whether all is sorted then. */
  #finishNearlySorted(start: number, end: number): boolean {
    let i = start + 1;
    for (let pair = 0; pair < SHIFTED_PAIRS; pair++) {
      while (i < end && !this.#isLess(i, i - 1)) i++;
      if (i === end) return true;
      if (end - start < LONG) return false;
      this.#swap(i, i - 1);
      if (i - start >= 2) for (let j = i - 1; j >= 1 && this.#isLess(j, j - 1); j--) this.#swap(j, j - 1);
      if (end - i >= 2) for (let j = i + 1; j < end && this.#isLess(j, j - 1); j++) this.#swap(j, j - 1);
    }
    return false;
  }

  /** Swaps items in the middle with others, by numbers that depend on nothing but the length. */
  #scatter(start: number, end: number): void {
    const length = end - start;
    const quarter = Math.floor(length / 4);
    const mask = 2 ** bitLength(length) - 1;
    let random = BigInt(length);
    for (let i = start + quarter * 2 - 1; i <= start + quarter * 2 + 1; i++) {
      random = nextRandom(random);
      const other = Number(random & BigInt(mask));
      this.#swap(i, start + (other >= length ? other - length : other));
    }
  }

  #reverse(start: number, end: number): void {
    for (let i = start, j = end - 1; i < j; i++, j--) this.#swap(i, j);
  }

  #choosePivot(start: number, end: number): number {
    const quarter = Math.floor((end - start) / 4);
    const candidates = [start + quarter, start + quarter * 2, start + quarter * 3];
    this.#swaps = 0;
    const [a, b, c] = end - start >= LONG ? candidates.map((at) => this.#median(at - 1, at, at + 1)) : candidates;
    return this.#median(a, b, c);
  }

  #median(a: number, b: number, c: number): number {
    const [low, middle] = this.#order(a, b);
    const [next] = this.#order(middle, c);
    return this.#order(low, next)[1];
  }

  #order(a: number, b: number): [number, number] {
    if (!this.#isLess(b, a)) return [a, b];
    this.#swaps++;
    return [b, a];
  }
}

/** @see https://www.jstatsoft.org/article/view/v008i14/xorshift.pdf */
function nextRandom(state: bigint): bigint {
  let next = state ^ BigInt.asUintN(64, state << 13n);
  next ^= next >> 7n;
  return next ^ BigInt.asUintN(64, next << 17n);
}
