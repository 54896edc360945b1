import { uint32List } from './growing-list.ts';

/** The series that have a label, as refs that rise. */
export interface PostingsList {
  /** Symbols of the label; both −1 for the list of all series. */
  readonly name: number;
  readonly value: number;
  /** A view that the next list overwrites. */
  readonly refs: Uint32Array;
}

/** Collects which series have which label. Holds 8 bytes a series and 4 a label: for each series the list of its label names,
 *  which many share, and the symbols of its values one after another. */
export class PostingsBuilder {
  readonly #shapes: Uint32Array[] = [];
  readonly #shapeByKey = new Map<string, number>();
  readonly #shapeOf = uint32List();
  readonly #refs = uint32List();
  readonly #values = uint32List();
  #lastShape = -1;

  /** @param symbols Name, value, name, value, …; names rise. @param ref Above the one before. */
  add(ref: number, symbols: Uint32Array): void {
    this.#lastShape = this.#hasLastShape(symbols) ? this.#lastShape : this.#findShape(symbols);
    this.#shapeOf.push(this.#lastShape);
    this.#refs.push(ref);
    for (let i = 1; i < symbols.length; i += 2) this.#values.push(symbols[i]);
  }

  /** The refs of all series. */
  refs(): Uint32Array {
    return this.#refs.view();
  }

  /** All lists: first that of all series, then by name and value. Takes time ∝ names · series, a few nanoseconds each.
   *  @param symbolCount Above every symbol. */
  *lists(symbolCount: number): Generator<PostingsList> {
    yield { name: -1, value: -1, refs: this.refs() };
    const counts = new Uint32Array(symbolCount);
    const names = [...new Set(this.#shapes.flatMap((shape) => [...shape]))].sort((a, b) => a - b);
    for (const name of names) yield* this.#listsOf(name, counts);
  }

  /** @param counts All 0, before and after. */
  *#listsOf(name: number, counts: Uint32Array): Generator<PostingsList> {
    const places = Int32Array.from(this.#shapes, (shape) => shape.indexOf(name));
    const found = uint32List();
    const total = this.#countValues(places, counts, found);
    const values = found.view().sort();
    const refs = new Uint32Array(total);
    this.#placeRefs(places, firstPlaces(values, counts), refs);
    // Placing moved the start of every value to its end.
    let start = 0;
    for (const value of values) {
      const end = counts[value];
      yield { name, value, refs: refs.subarray(start, end) };
      start = end;
      counts[value] = 0;
    }
  }

  #countValues(places: Int32Array, counts: Uint32Array, found: { push(value: number): void }): number {
    const shapeOf = this.#shapeOf.view();
    const values = this.#values.view();
    let total = 0;
    for (let series = 0, start = 0; series < shapeOf.length; series++) {
      const shape = shapeOf[series];
      if (places[shape] >= 0) {
        const value = values[start + places[shape]];
        if (counts[value]++ === 0) found.push(value);
        total++;
      }
      start += this.#shapes[shape].length;
    }
    return total;
  }

  #placeRefs(places: Int32Array, next: Uint32Array, refs: Uint32Array): void {
    const shapeOf = this.#shapeOf.view();
    const values = this.#values.view();
    const all = this.refs();
    for (let series = 0, start = 0; series < shapeOf.length; series++) {
      const shape = shapeOf[series];
      if (places[shape] >= 0) refs[next[values[start + places[shape]]]++] = all[series];
      start += this.#shapes[shape].length;
    }
  }

  #hasLastShape(symbols: Uint32Array): boolean {
    if (this.#lastShape < 0) return false;
    const names = this.#shapes[this.#lastShape];
    if (names.length * 2 !== symbols.length) return false;
    for (let i = 0; i < names.length; i++) if (names[i] !== symbols[2 * i]) return false;
    return true;
  }

  #findShape(symbols: Uint32Array): number {
    const names = symbols.filter((_, i) => i % 2 === 0);
    const key = names.join();
    let shape = this.#shapeByKey.get(key);
    if (shape === undefined) {
      shape = this.#shapes.push(names) - 1;
      this.#shapeByKey.set(key, shape);
    }
    return shape;
  }
}

/** Turns how often each value is into where its refs begin. */
function firstPlaces(values: Uint32Array, counts: Uint32Array): Uint32Array {
  let start = 0;
  for (const value of values) {
    const count = counts[value];
    counts[value] = start;
    start += count;
  }
  return counts;
}
