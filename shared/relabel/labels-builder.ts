import { compareStrings, getLabel, type Labels } from '#shared/model/labels.ts';

/** Changes to a label set that is left as it is. Costs nothing until the first change, and little for a few.
 *  @see prometheus/model/labels/labels_common.go Builder */
export class LabelsBuilder {
  readonly #base: Labels;
  /** `[name, value, …]` in the order of the first `set`. What is here counts, whatever `#base` and `#deleted` say. */
  readonly #added: string[] = [];
  readonly #deleted: string[] = [];

  constructor(base: Labels) {
    this.#base = base;
  }

  /** The value of a label, or `''`. */
  get(name: string): string {
    const at = this.#indexOfAdded(name);
    if (at >= 0) return this.#added[at + 1];
    return this.#deleted.includes(name) ? '' : getLabel(this.#base, name);
  }

  /** Sets a label; an empty value deletes it. */
  set(name: string, value: string): void {
    if (value === '') {
      this.delete(name);
      return;
    }
    const at = this.#indexOfAdded(name);
    if (at >= 0) this.#added[at + 1] = value;
    else this.#added.push(name, value);
  }

  delete(name: string): void {
    const at = this.#indexOfAdded(name);
    if (at >= 0) this.#added.splice(at, 2);
    this.#deleted.push(name);
  }

  /** The pairs as they are now, `[name, value, …]`: those of the base in its order, then those that were set. */
  snapshot(): readonly string[] {
    if (this.#added.length === 0 && this.#deleted.length === 0) return this.#base;
    return [...this.#untouched(), ...this.#added];
  }

  /** The changed label set; the base itself when nothing was changed. */
  labels(): Labels {
    if (this.#added.length === 0 && this.#deleted.length === 0) return this.#base;
    const out = this.#untouched();
    for (let i = 0; i < this.#added.length; i += 2) insertSorted(out, this.#added[i], this.#added[i + 1]);
    return out;
  }

  #untouched(): string[] {
    const base = this.#base;
    const kept: string[] = [];
    for (let i = 0; i < base.length; i += 2) {
      const name = base[i];
      if (!this.#deleted.includes(name) && this.#indexOfAdded(name) < 0) kept.push(name, base[i + 1]);
    }
    return kept;
  }

  #indexOfAdded(name: string): number {
    for (let i = 0; i < this.#added.length; i += 2) if (this.#added[i] === name) return i;
    return -1;
  }
}

function insertSorted(labels: string[], name: string, value: string): void {
  let i = labels.length;
  while (i > 0 && compareStrings(labels[i - 2], name) > 0) i -= 2;
  labels.splice(i, 0, name, value);
}
