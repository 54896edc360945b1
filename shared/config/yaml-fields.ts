import { parseDuration } from '#shared/model/duration.ts';
import { nearestName } from './did-you-mean.ts';
import { SecretText } from './http-config.ts';
import type { YamlDocument, YamlEntry, YamlValue } from './yaml-document.ts';
import {
  readBool,
  readFloat,
  readInt,
  readList,
  readParsed,
  readText,
  readTextMap,
  readUint,
  reportKind,
} from './yaml-values.ts';

/** The fields of a map with known names. Each field asked for becomes known; `finish` reports the others.
 *  A reader returns `undefined` for a field that is absent or of the wrong kind (which it reports), and the kind's zero
 *  for null. */
export class YamlFields {
  readonly document: YamlDocument;
  /** Where the map starts. */
  readonly offset: number;
  readonly #goType: string;
  readonly #entries = new Map<string, YamlEntry>();
  readonly #known = new Set<string>();

  /** @param goType Upstream's name of the type, as its messages give it: `config.plain`. */
  constructor(value: YamlValue, goType: string) {
    this.document = value.document;
    this.offset = value.offset;
    this.#goType = goType;
    if (value.kind === 'map') this.#addEntries(value.entries);
    else if (value.kind !== 'null') reportKind(value, goType, 'a map');
  }

  #addEntries(entries: readonly YamlEntry[]): void {
    for (const entry of entries) {
      if (this.#entries.has(entry.key)) {
        this.document.report(entry.keyOffset, `field ${entry.key} already set in type ${this.#goType}`);
      } else this.#entries.set(entry.key, entry);
    }
  }

  /** Whether the map has no fields at all. */
  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** Whether the field is there, if only as null. */
  has(name: string): boolean {
    return this.value(name) !== undefined;
  }

  /** Whether the field is there with a value. */
  isSet(name: string): boolean {
    const value = this.value(name);
    return value !== undefined && value.kind !== 'null';
  }

  value(name: string): YamlValue | undefined {
    this.#known.add(name);
    return this.#entries.get(name)?.value;
  }

  text(name: string, goType?: string): string | undefined {
    return this.#read(name, (value) => readText(value, goType));
  }

  bool(name: string): boolean | undefined {
    return this.#read(name, readBool);
  }

  int(name: string): number | undefined {
    return this.#read(name, (value) => readInt(value));
  }

  uint(name: string, goType?: string): number | undefined {
    return this.#read(name, (value) => readUint(value, goType));
  }

  float(name: string): number | undefined {
    return this.#read(name, readFloat);
  }

  /** Milliseconds. */
  duration(name: string): number | undefined {
    return this.parsed(name, parseDuration, 0);
  }

  /** @param zero What null stands for. */
  parsed<T>(name: string, parse: (text: string) => T, zero: T): T | undefined {
    return this.#read(name, (value) => (value.kind === 'null' ? zero : readParsed(value, parse)));
  }

  secret(name: string): SecretText | undefined {
    const text = this.text(name);
    return text === undefined || text === '' ? undefined : new SecretText(text);
  }

  textList(name: string): readonly string[] | undefined {
    return this.list(name, 'string', (item) => readText(item));
  }

  textMap(name: string): Readonly<Record<string, string>> | undefined {
    return this.#read(name, readTextMap);
  }

  list<T>(
    name: string,
    goType: string,
    read: (item: YamlValue, index: number) => T | undefined,
  ): readonly T[] | undefined {
    return this.#read(name, (value) => readList(value, goType, read));
  }

  /** The field's fields when it is there and not null; the reader must `finish` them. */
  fields(name: string, goType: string): YamlFields | undefined {
    return this.#read(name, (value) => (value.kind === 'null' ? undefined : new YamlFields(value, goType)));
  }

  /** Reports a problem at the value of the first of `names` that is there, else at the map. */
  report(problem: string, ...names: readonly string[]): void {
    this.document.report(this.#place(names), problem);
  }

  warn(warning: string, ...names: readonly string[]): void {
    this.document.warn(this.#place(names), warning);
  }

  /** Refuses a field that upstream has and Emberwatch has not yet, unless it is absent or says nothing. */
  refuse(name: string, isHarmless: (value: YamlValue) => boolean = isEmptyValue): void {
    const value = this.value(name);
    if (value === undefined || value.kind === 'null' || isHarmless(value)) return;
    this.document.report(this.#entries.get(name)!.keyOffset, `${name} is not supported yet`);
  }

  /** Reports the fields that nobody asked for. */
  finish(): void {
    for (const { key, keyOffset } of this.#entries.values()) {
      if (this.#known.has(key)) continue;
      const nearest = nearestName(key, this.#known);
      const hint = nearest === undefined ? '' : `, did you mean "${nearest}"?`;
      this.document.report(keyOffset, `field ${key} not found in type ${this.#goType}${hint}`);
    }
  }

  #read<T>(name: string, read: (value: YamlValue) => T | undefined): T | undefined {
    const value = this.value(name);
    return value === undefined ? undefined : read(value);
  }

  #place(names: readonly string[]): number {
    const name = names.find((candidate) => this.#entries.has(candidate));
    if (name === undefined) return this.offset;
    const { value, keyOffset } = this.#entries.get(name)!;
    return value.kind === 'null' ? keyOffset : value.offset;
  }
}

/** Whether a value says nothing: null, `""`, `0`, `false`, `[]`, `{}`. */
export function isEmptyValue(value: YamlValue): boolean {
  switch (value.kind) {
    case 'null':
      return true;
    case 'map':
      return value.entries.length === 0;
    case 'list':
      return value.items.length === 0;
    case 'scalar':
      return value.text === '' || ((value.resolved as { value?: unknown }).value || false) === false;
  }
}
