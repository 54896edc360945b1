import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type Scalar,
  visit,
  type YAMLError,
} from 'yaml';
import { goQuote } from '#shared/model/labels.ts';
import { PositionedError } from '#shared/model/text-position.ts';
import { ConfigError, orderProblems } from './config-error.ts';
import { type ResolvedScalar, resolvePlainScalar } from './yaml-scalars.ts';

/** Larger files are refused: a megabyte is some 20,000 rules. */
const MAX_TEXT_LENGTH = 1 << 20;
/** Nodes that may be read per character of the text, some of them twice: only aliases can make more of it. */
const MAX_NODES_PER_CHARACTER = 4;
const MIN_NODES = 100_000;
const MAX_DEPTH = 200;

/** A YAML file while it is read: where problems are gathered, so that a user sees all of them at once. */
export class YamlDocument {
  readonly file: string;
  readonly text: string;
  /** What is accepted but does not do what it says; `file:line:column: …` each. */
  readonly warnings: string[] = [];
  readonly #lines: LineCounter;
  readonly #problems: PositionedError[] = [];
  #nodesRead = 0;

  constructor(file: string, text: string, lines: LineCounter) {
    this.file = file;
    this.text = text;
    this.#lines = lines;
  }

  /** @param offset Of the place in the text, in UTF-16 units from 0. */
  report(offset: number, problem: string): void {
    this.#problems.push(this.#at(offset, problem));
  }

  warn(offset: number, warning: string): void {
    this.warnings.push(this.#at(offset, warning).message);
  }

  get hasProblems(): boolean {
    return this.#problems.length > 0;
  }

  /** @throws {ConfigError} When there are any. */
  throwProblems(): void {
    if (this.hasProblems) throw new ConfigError(this.file, orderProblems(this.#problems));
  }

  /** Counts a node that is about to be read. @throws {ConfigError} When aliases have made the document explode. */
  visit(offset: number, depth: number): void {
    const limit = Math.max(MIN_NODES, this.text.length * MAX_NODES_PER_CHARACTER);
    if (++this.#nodesRead > limit) this.#abort(offset, 'yaml: document contains excessive aliasing');
    if (depth > MAX_DEPTH) this.#abort(offset, `yaml: nested deeper than ${MAX_DEPTH} levels`);
  }

  #abort(offset: number, problem: string): never {
    throw new ConfigError(this.file, [this.#at(offset, problem)]);
  }

  #at(offset: number, problem: string): PositionedError {
    const { line, col } = this.#lines.linePos(offset);
    return new PositionedError(this.file, { line: Math.max(line, 1), column: Math.max(col, 1) }, problem);
  }
}

interface ValueBase {
  readonly document: YamlDocument;
  /** Where the value starts. */
  readonly offset: number;
}

export interface YamlMap extends ValueBase {
  readonly kind: 'map';
  /** With merge keys (`<<`) merged in; what the map says itself goes first. */
  readonly entries: readonly YamlEntry[];
}

export interface YamlList extends ValueBase {
  readonly kind: 'list';
  readonly items: readonly YamlValue[];
}

export interface YamlScalar extends ValueBase {
  readonly kind: 'scalar';
  readonly text: string;
  readonly resolved: ResolvedScalar;
  /** How it is written: plain, quoted, or a block. */
  readonly style: 'plain' | 'quoted' | 'block';
  /** Where it ends. */
  readonly endOffset: number;
}

export interface YamlNull extends ValueBase {
  readonly kind: 'null';
}

/** A value of a document. Aliases are followed. */
export type YamlValue = YamlMap | YamlList | YamlScalar | YamlNull;

export interface YamlEntry {
  readonly key: string;
  readonly keyOffset: number;
  readonly value: YamlValue;
  /** Comes from a merge key. */
  readonly merged: boolean;
}

/** Parses the first document of a YAML file; what follows is warned about, as Prometheus does. An empty file is null.
 *  @param options.maxLength Of the text, in UTF-16 units. @default 1 MiB
 *  @throws {ConfigError} When it is not YAML, or too large. */
export function parseYaml(
  file: string,
  text: string,
  options?: { readonly maxLength?: number },
): { readonly document: YamlDocument; readonly root: YamlValue } {
  const lineCounter = new LineCounter();
  const document = new YamlDocument(file, text, lineCounter);
  const maxLength = options?.maxLength ?? MAX_TEXT_LENGTH;
  if (text.length > maxLength) document.report(0, `file has ${text.length} characters, expected at most ${maxLength}`);
  document.throwProblems();
  const [first, second] = parseDocuments(text, lineCounter);
  if (first === undefined) return { document, root: { kind: 'null', document, offset: 0 } };
  reportSyntax(document, first.errors);
  document.throwProblems();
  if (second !== undefined && !isNothing(second.contents)) {
    document.warn(second.range[0], 'only the first document of the file is used, this one is not');
  }
  return { document, root: new NodeReader(document, findAliasTargets(first)).read(first.contents, 0, 0) };
}

function parseDocuments(text: string, lineCounter: LineCounter): readonly Document.Parsed[] {
  const parsed = parseAllDocuments(text, {
    version: '1.2',
    schema: 'failsafe',
    resolveKnownTags: false,
    uniqueKeys: false,
    strict: false,
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter,
  });
  return Array.isArray(parsed) ? parsed : [];
}

function reportSyntax(document: YamlDocument, errors: readonly YAMLError[]): void {
  // The parser recurses, and reports its own exhaustion at every level.
  const exhausted = errors.find((error) => /stack/i.test(error.message));
  if (exhausted) document.report(exhausted.pos[0], `yaml: nested deeper than ${MAX_DEPTH} levels`);
  else for (const error of errors) document.report(error.pos[0], `yaml: ${error.message}`);
}

function isNothing(node: Node | null): boolean {
  return node === null || (isScalar(node) && node.source === '');
}

/** What each alias stands for: the last anchor of its name before it. (The library looks through the whole document for
 *  every alias.) */
function findAliasTargets(document: Document): ReadonlyMap<Node, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Node, Node>();
  visit(document, {
    Alias: (_key, alias) => {
      const target = anchors.get(alias.source);
      if (target !== undefined) targets.set(alias, target);
    },
    Value: (_key, node) => {
      if (node.anchor) anchors.set(node.anchor, node);
    },
  });
  return targets;
}

/** Turns the library's nodes into values, each when it is asked for. */
class NodeReader {
  readonly #document: YamlDocument;
  readonly #aliasTargets: ReadonlyMap<Node, Node>;

  constructor(document: YamlDocument, aliasTargets: ReadonlyMap<Node, Node>) {
    this.#document = document;
    this.#aliasTargets = aliasTargets;
  }

  read(written: Node | null | undefined, fallbackOffset: number, depth: number): YamlValue {
    const document = this.#document;
    const offset = written?.range?.[0] ?? fallbackOffset;
    document.visit(offset, depth);
    const node = isAlias(written) ? this.#aliasTargets.get(written) : written;
    if (isScalar(node)) return this.#scalar(node as Scalar<unknown>, offset);
    const self = this;
    if (isMap(node)) {
      return {
        kind: 'map',
        document,
        offset,
        get entries() {
          return self.#entries(node.items as unknown as readonly NodePair[], offset, depth + 1);
        },
      };
    }
    if (isSeq(node)) {
      return {
        kind: 'list',
        document,
        offset,
        get items() {
          return (node.items as Node[]).map((item) => self.read(item, offset, depth + 1));
        },
      };
    }
    if (isAlias(written) && node === undefined) {
      document.report(offset, `yaml: unknown anchor '${written.source}' referenced`);
    }
    return { kind: 'null', document, offset };
  }

  #scalar(node: Scalar<unknown>, offset: number): YamlScalar | YamlNull {
    const document = this.#document;
    const quoted = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE';
    const style = node.type === 'PLAIN' ? 'plain' : quoted ? 'quoted' : 'block';
    const source = node.source ?? '';
    const tag = node.tag ?? '';
    const text = tag.endsWith(':binary') ? this.#binary(source, offset) : source;
    const resolved: ResolvedScalar =
      style === 'plain' && !/:(str|binary)$/.test(tag) ? resolvePlainScalar(source) : { kind: 'str', value: text };
    if (resolved.kind === 'null') return { kind: 'null', document, offset };
    return { kind: 'scalar', document, offset, text, resolved, style, endOffset: node.range?.[1] ?? offset };
  }

  #binary(source: string, offset: number): string {
    try {
      const bytes = Uint8Array.from(atob(source.replace(/\s/g, '')), (char) => char.charCodeAt(0));
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch (error) {
      const invalid = error instanceof TypeError ? 'text that is not UTF-8' : 'invalid base64 data';
      this.#document.report(offset, `yaml: !!binary value contains ${invalid}: ${goQuote(source)}`);
      return source;
    }
  }

  #entries(pairs: readonly NodePair[], offset: number, depth: number): readonly YamlEntry[] {
    const own: YamlEntry[] = [];
    const merged: YamlEntry[] = [];
    for (const pair of pairs) {
      const keyOffset = pair.key?.range?.[0] ?? offset;
      const value = this.read(pair.value, pair.key?.range?.[1] ?? keyOffset, depth);
      if (isScalar(pair.key) && pair.key.type === 'PLAIN' && pair.key.source === '<<') {
        merged.push(...this.#merged(value, keyOffset));
      } else {
        own.push({ key: this.#key(pair.key, keyOffset, depth), keyOffset, value, merged: false });
      }
    }
    const names = new Set(own.map(({ key }) => key));
    const added = merged.filter(({ key }) => !names.has(key) && names.add(key));
    return [...own, ...added];
  }

  #key(node: Node | null, offset: number, depth: number): string {
    const value = this.read(node, offset, depth);
    if (value.kind === 'scalar') return value.text;
    if (value.kind !== 'null') this.#document.report(offset, `yaml: invalid map key: a ${value.kind}, expected text`);
    return '';
  }

  #merged(value: YamlValue, offset: number): readonly YamlEntry[] {
    const maps = value.kind === 'list' ? value.items : [value];
    return maps.flatMap((map) => {
      if (map.kind === 'map') return map.entries.map((entry) => ({ ...entry, merged: true }));
      this.#document.report(offset, 'yaml: map merge requires map or sequence of maps as the value');
      return [];
    });
  }
}

interface NodePair {
  readonly key: Node | null;
  readonly value: Node | null;
}
