import type { ArithmeticOperator, BinaryOperator, ComparisonOperator } from '#shared/promql/syntax/ast.ts';
import { arithmetic, isComparison } from './binary-operator.ts';
import type { ColumnArena } from './column-arena.ts';

type Floats = Float64Array;

/** Two columns of floats for an operator. */
export interface FloatOperands {
  readonly lhs: Floats;
  readonly rhs: Floats;
  /** 1 at the steps where both are samples; elsewhere the values mean nothing. */
  readonly present: Uint8Array;
  /** What a comparison that filters keeps. */
  readonly kept: Floats;
}

/** A column of floats; its parts may be those of the operands. */
export interface FloatColumn {
  readonly values: Floats;
  readonly present: Uint8Array;
}

/** Applies an arithmetic or comparison operator at all steps.
 *  @returns `undefined` when no sample stays. */
export type FloatLoop = (operands: FloatOperands, arena: ColumnArena) => FloatColumn | undefined;

/** The loop of an operator: one function each, which the compiler can make fast, in place of a call for each sample. */
export function floatLoop(op: BinaryOperator, returnBool: boolean): FloatLoop {
  if (!isComparison(op)) return arithmeticLoop(op);
  const compare = COMPARISON_LOOPS[op];
  return returnBool ? boolLoop(compare) : filterLoop(compare);
}

type Compute = (lhs: Floats, rhs: Floats, out: Floats) => void;

/** At every step: what is computed of no sample is never looked at. */
const ARITHMETIC_LOOPS: Readonly<Partial<Record<ArithmeticOperator, Compute>>> = {
  '+': (lhs, rhs, out) => {
    for (let k = 0; k < out.length; k++) out[k] = lhs[k] + rhs[k];
  },
  '-': (lhs, rhs, out) => {
    for (let k = 0; k < out.length; k++) out[k] = lhs[k] - rhs[k];
  },
  '*': (lhs, rhs, out) => {
    for (let k = 0; k < out.length; k++) out[k] = lhs[k] * rhs[k];
  },
  '/': (lhs, rhs, out) => {
    for (let k = 0; k < out.length; k++) out[k] = lhs[k] / rhs[k];
  },
};

function arithmeticLoop(op: BinaryOperator): FloatLoop {
  const compute = ARITHMETIC_LOOPS[op as ArithmeticOperator];
  const one = arithmetic(op);
  return ({ lhs, rhs, present }, arena) => {
    const values = arena.values();
    arena.keepValues();
    if (compute !== undefined) compute(lhs, rhs, values);
    else for (let k = 0; k < values.length; k++) if (present[k] === 1) values[k] = one(lhs[k], rhs[k]);
    return { values, present };
  };
}

/** Writes 1 where the samples are present and the comparison holds. @returns At how many steps. */
type Compare = (operands: FloatOperands, out: Uint8Array) => number;

const COMPARISON_LOOPS: Readonly<Record<ComparisonOperator, Compare>> = {
  '==': ({ lhs, rhs, present }, out) => {
    let count = 0;
    for (let k = 0; k < out.length; k++) count += out[k] = lhs[k] === rhs[k] ? present[k] : 0;
    return count;
  },
  '!=': ({ lhs, rhs, present }, out) => {
    let count = 0;
    for (let k = 0; k < out.length; k++) count += out[k] = lhs[k] !== rhs[k] ? present[k] : 0;
    return count;
  },
  '>': ({ lhs, rhs, present }, out) => {
    let count = 0;
    for (let k = 0; k < out.length; k++) count += out[k] = lhs[k] > rhs[k] ? present[k] : 0;
    return count;
  },
  '<': ({ lhs, rhs, present }, out) => {
    let count = 0;
    for (let k = 0; k < out.length; k++) count += out[k] = lhs[k] < rhs[k] ? present[k] : 0;
    return count;
  },
  '>=': ({ lhs, rhs, present }, out) => {
    let count = 0;
    for (let k = 0; k < out.length; k++) count += out[k] = lhs[k] >= rhs[k] ? present[k] : 0;
    return count;
  },
  '<=': ({ lhs, rhs, present }, out) => {
    let count = 0;
    for (let k = 0; k < out.length; k++) count += out[k] = lhs[k] <= rhs[k] ? present[k] : 0;
    return count;
  },
};

/** Presences allocated together: many short arrays cost more to allocate than to fill. */
const PRESENCES_PER_BLOCK = 64;

function filterLoop(compare: Compare): FloatLoop {
  let block = new Uint8Array(0);
  let used = 0;
  return (operands) => {
    const steps = operands.present.length;
    if (used + steps > block.length) {
      block = new Uint8Array(steps * PRESENCES_PER_BLOCK);
      used = 0;
    }
    const holds = block.subarray(used, used + steps);
    if (compare(operands, holds) === 0) return undefined;
    used += steps;
    return { values: operands.kept, present: holds };
  };
}

function boolLoop(compare: Compare): FloatLoop {
  let scratch = new Uint8Array(0);
  return (operands, arena) => {
    const { present } = operands;
    if (scratch.length !== present.length) scratch = new Uint8Array(present.length);
    compare(operands, scratch);
    const values = arena.values();
    arena.keepValues();
    values.set(scratch);
    return { values, present };
  };
}
