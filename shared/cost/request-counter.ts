import type { CloudRequest, RequestTotal } from './request.ts';

/** What a function asked of AWS. */
export interface CountedRequests extends RequestTotal {
  /** Who asked: a function's name. */
  readonly by: string;
  readonly service: CloudRequest['service'];
  readonly operation: string;
  readonly about: string;
}

/** Adds requests up, by who made them and by operation. */
export class RequestCounter {
  readonly #totals = new Map<string, CountedRequests>();

  add(by: string, { service, operation, about, units, bytes }: CloudRequest): void {
    const key = `${by} ${service}.${operation} ${about}`;
    const { requests, units: paid, bytes: moved } = this.#totals.get(key) ?? { requests: 0, units: 0, bytes: 0 };
    const total = { requests: requests + 1, units: paid + units, bytes: moved + bytes };
    this.#totals.set(key, { by, service, operation, about, ...total });
  }

  /** In the order of who asked and what. */
  totals(): readonly CountedRequests[] {
    return [...this.#totals].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, total]) => total);
  }

  clear(): void {
    this.#totals.clear();
  }
}
