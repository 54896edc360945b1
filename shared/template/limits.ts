import { FunctionError } from './template-error.ts';
import type { Value } from './value.ts';

/** What one execution may use. Go has no such limits; templates here run in a service that others share. */
export interface TemplateLimits {
  /** Nodes, function calls (4 each) and 64-character pieces of the values that functions work on: about a second. @default 2_000_000 */
  readonly maxSteps: number;
  /** Templates calling templates. Go: 100,000. @default 200 */
  readonly maxDepth: number;
  /** Length of the output, and of each string on the way, in UTF-16 units. @default 4_194_304 */
  readonly maxOutputLength: number;
}

export const DEFAULT_LIMITS: TemplateLimits = { maxSteps: 2_000_000, maxDepth: 200, maxOutputLength: 4_194_304 };

/** A function call costs as much as some nodes. */
const CALL_STEPS = 4;

/** Counts what one execution has used. */
export class Budget {
  readonly limits: TemplateLimits;
  #steps = 0;

  constructor(limits: TemplateLimits) {
    this.limits = limits;
  }

  /** @throws {FunctionError} When the execution has taken too many steps. */
  spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > this.limits.maxSteps) throw new FunctionError(`exceeded ${this.limits.maxSteps} steps`);
  }

  /** Pays for a function that reads its arguments through.
   *  @param extra Steps besides.
   *  @throws {FunctionError} */
  spendOn(values: readonly Value[], extra = 0): void {
    let steps = CALL_STEPS + extra;
    for (const value of values) steps += sizeOf(value);
    this.spend(steps);
  }

  /** @throws {FunctionError} When a computed string is too long. */
  checkLength(value: Value): void {
    if (typeof value === 'string' && value.length > this.limits.maxOutputLength) {
      throw new FunctionError(`text exceeds ${this.limits.maxOutputLength} characters`);
    }
  }
}

function sizeOf(value: Value): number {
  if (typeof value === 'string') return value.length >> 6;
  if (typeof value !== 'object' || value === null) return 0;
  switch (value.kind) {
    case 'string':
      return value.value.length >> 6;
    case 'list':
      return value.items.length >> 2;
    case 'map':
      return value.entries.size;
    default:
      return 1;
  }
}
