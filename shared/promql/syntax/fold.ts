import type { Expr } from './ast.ts';
import { children } from './visit.ts';

/** What is done at each node of a tree. */
export interface FoldSteps<T> {
  /** Before what is inside. @returns What is to be gone into. @default `children()` */
  readonly enter?: (expr: Expr) => readonly Expr[];
  /** After the part `index` of what `enter` gave, before the next one. */
  readonly between?: (expr: Expr, index: number, value: T) => void;
  /** @param values Of the parts that `enter` gave. */
  readonly leave: (expr: Expr, values: readonly T[]) => T;
}

interface Frame<T> {
  readonly expr: Expr;
  readonly parts: readonly Expr[];
  readonly values: T[];
}

/** Makes one value of a tree, the parts before the whole, from left to right. Takes no stack: a tree may be as high as
 *  it is long. */
export function foldExpr<T>(root: Expr, { enter = children, between, leave }: FoldSteps<T>): T {
  const open = (expr: Expr): Frame<T> => ({ expr, parts: enter(expr), values: [] });
  const outer: Frame<T>[] = [];
  let frame = open(root);
  for (;;) {
    if (frame.values.length < frame.parts.length) {
      outer.push(frame);
      frame = open(frame.parts[frame.values.length]);
      continue;
    }
    const value = leave(frame.expr, frame.values);
    const parent = outer.pop();
    if (parent === undefined) return value;
    parent.values.push(value);
    between?.(parent.expr, parent.values.length - 1, value);
    frame = parent;
  }
}
