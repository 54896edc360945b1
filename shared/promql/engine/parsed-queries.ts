import type { Expr } from '#shared/promql/syntax/ast.ts';

const MAX_CHARS = 250_000;
const MAX_QUERY_CHARS = 10_000;

/** Expressions by their texts, those that were not asked for longest going first: dashboards ask the same again and again. */
export class ParsedQueries {
  readonly #parse: (query: string) => Expr;
  /** In the order in which they were asked for. */
  readonly #kept = new Map<string, Expr>();
  #chars = 0;

  constructor(parse: (query: string) => Expr) {
    this.#parse = parse;
  }

  /** @throws What `parse` throws; nothing is kept then. */
  of(query: string): Expr {
    const known = this.#kept.get(query);
    const expr = known ?? this.#parse(query);
    if (query.length > MAX_QUERY_CHARS) return expr;
    if (known === undefined) this.#chars += query.length;
    else this.#kept.delete(query);
    this.#kept.set(query, expr);
    this.#dropOldest();
    return expr;
  }

  #dropOldest(): void {
    for (const query of this.#kept.keys()) {
      if (this.#chars <= MAX_CHARS) return;
      this.#kept.delete(query);
      this.#chars -= query.length;
    }
  }
}
