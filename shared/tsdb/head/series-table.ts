import { LRUCache } from 'lru-cache';
import { compareLabels, type Labels, labelsKey } from '#shared/model/labels.ts';
import type { Matcher } from '#shared/model/matcher.ts';
import type { Layout } from '../layout.ts';
import { matchesAll, Postings } from './postings.ts';

/** The columns of a layout that a selection holds. */
export interface SelectedColumns {
  /** Indexes of the layout's series. */
  readonly columns: Int32Array;
  /** For each column the position of its series in the selection. */
  readonly positions: Int32Array;
}

/** Dashboards ask for the same few hundred selections again and again. */
const MAX_REMEMBERED_IDS = 4_000_000;

/** Gives each label set that was ever seen a number, 0, 1, 2, …, and finds label sets by matchers. */
export class SeriesTable {
  readonly #labels: Labels[] = [];
  readonly #ids = new Map<string, number>();
  readonly #postings = new Postings();
  readonly #idsOfLayout = new WeakMap<Layout, Int32Array>();
  readonly #selections = new LRUCache<string, Selection>({
    maxSize: MAX_REMEMBERED_IDS,
    sizeCalculation: ({ ids }) => ids.length + 16,
  });
  /** Position + 1 in the selection at work; 0 for all others. */
  #marks = new Int32Array(1024);

  get size(): number {
    return this.#labels.length;
  }

  labelsOf(id: number): Labels {
    return this.#labels[id];
  }

  /** The number of a label set, which gets one if it has none. */
  idOf(labels: Labels): number {
    const key = labelsKey(labels);
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#labels.push(labels) - 1;
      this.#ids.set(key, id);
      this.#postings.add(labels);
    }
    return id;
  }

  /** The numbers of a layout's series, in its order: the same array for the same layout. */
  idsOf(layout: Layout): Int32Array {
    let ids = this.#idsOfLayout.get(layout);
    if (ids === undefined) {
      ids = Int32Array.from(layout.series, (labels) => this.idOf(labels));
      this.#idsOfLayout.set(layout, ids);
    }
    return ids;
  }

  /** All series that the matchers hold for. */
  select(matchers: readonly Matcher[]): Selection {
    const key = JSON.stringify(matchers.map(({ name, operator, value }) => [name, operator, value]));
    const known = this.#selections.get(key);
    if (known?.tableSize === this.size) return known;
    const selection = new Selection(this, this.#find(matchers));
    this.#selections.set(key, selection);
    return selection;
  }

  #find(matchers: readonly Matcher[]): Int32Array {
    const matches = matchesAll(matchers);
    const found: number[] = [];
    for (const id of this.#postings.candidates(matchers)) if (matches(this.#labels[id])) found.push(id);
    const labels = this.#labels;
    return Int32Array.from(found.sort((a, b) => compareLabels(labels[a], labels[b])));
  }

  /** Calls `work` with the position + 1 of each of `ids` at its number, 0 at all others. */
  withMarks<T>(ids: Int32Array, work: (marks: Int32Array) => T): T {
    if (this.#marks.length < this.size) this.#marks = new Int32Array(this.size * 2);
    const marks = this.#marks;
    for (let i = 0; i < ids.length; i++) marks[ids[i]] = i + 1;
    try {
      return work(marks);
    } finally {
      for (let i = 0; i < ids.length; i++) marks[ids[i]] = 0;
    }
  }
}

/** The series of a table that some matchers hold for. */
export class Selection {
  readonly #table: SeriesTable;
  readonly #columns = new WeakMap<Int32Array, SelectedColumns>();
  /** In label order. */
  readonly ids: Int32Array;
  /** How many series the table had: a larger one may have more that match. */
  readonly tableSize: number;

  constructor(table: SeriesTable, ids: Int32Array) {
    this.#table = table;
    this.ids = ids;
    this.tableSize = table.size;
  }

  /** @param idsOfLayout From `SeriesTable.idsOf`. */
  columnsOf(idsOfLayout: Int32Array): SelectedColumns {
    let selected = this.#columns.get(idsOfLayout);
    if (selected === undefined) {
      selected = this.#table.withMarks(this.ids, (marks) => columnsWithin(idsOfLayout, marks));
      this.#columns.set(idsOfLayout, selected);
    }
    return selected;
  }
}

function columnsWithin(ids: Int32Array, marks: Int32Array): SelectedColumns {
  const columns: number[] = [];
  for (let i = 0; i < ids.length; i++) if (marks[ids[i]] > 0) columns.push(i);
  return { columns: Int32Array.from(columns), positions: Int32Array.from(columns, (i) => marks[ids[i]] - 1) };
}
