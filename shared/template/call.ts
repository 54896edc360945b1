import type { BoolNode, Node, NumberNode, OperandNode, PipeNode, StringNode } from './ast.ts';
import { nodeText } from './ast.ts';
import type { Budget } from './limits.ts';
import { FunctionError } from './template-error.ts';
import {
  type GoType,
  isAssignable,
  isTrue,
  isTyped,
  stringOf,
  type TemplateFunction,
  typeName,
  typeOf,
  type Value,
} from './value.ts';

/** No value came down the pipeline. */
export const MISSING = Symbol('missing');
export type Piped = Value | typeof MISSING;

/** What calls need of the execution they belong to. */
export interface Evaluator {
  readonly budget: Budget;
  /** Reports later errors at `node`. */
  at(node: Node): void;
  fail(problem: string, options?: ErrorOptions): never;
  guard<T>(what: () => T): T;
  evalPipeline(dot: Value, pipe: PipeNode): Value;
  evalArgument(dot: Value, type: GoType | undefined, node: OperandNode): Value;
}

export interface Call {
  readonly dot: Value;
  readonly name: string;
  readonly fn: TemplateFunction;
  readonly isBuiltin: boolean;
  /** Without the function itself. */
  readonly args: readonly OperandNode[];
  /** The value of the previous command, which is the last argument. */
  readonly piped: Piped;
  /** Where errors of the function itself are reported. */
  readonly place: Node;
}

/** Evaluates the arguments and calls a function or method. */
export function callFunction(evaluator: Evaluator, call: Call): Value {
  const { fn, name, place } = call;
  checkCount(evaluator, call);
  if (call.isBuiltin && (name === 'and' || name === 'or')) return callLogic(evaluator, call);
  const values = call.args.map((arg, i) => evaluator.evalArgument(call.dot, parameter(fn, i), arg));
  if (call.piped !== MISSING) values.push(validate(evaluator, call.piped, parameter(fn, values.length)));
  if (call.isBuiltin && name === 'call') values.unshift(calleeName(call));
  try {
    evaluator.budget.spendOn(values, fn.cost?.(...values));
    const result = fn.call(...values);
    evaluator.budget.checkLength(result);
    return result;
  } catch (cause) {
    if (!(cause instanceof FunctionError)) throw cause;
    evaluator.at(place);
    return evaluator.fail(`error calling ${name}: ${cause.message}`, { cause });
  }
}

/** How the function `call` names what it was asked to call. */
function calleeName({ args: [callee], piped }: Call): string {
  if (callee !== undefined) return nodeText(callee);
  const value = piped as Value;
  return stringOf(value) ?? (value === undefined ? '<invalid Value>' : `<${typeName(value)} Value>`);
}

function checkCount(evaluator: Evaluator, { fn, name, args, piped }: Call): void {
  const count = args.length + (piped === MISSING ? 0 : 1);
  const wanted = fn.params.length;
  if (fn.variadic && count < wanted - 1) {
    evaluator.fail(`wrong number of args for ${name}: want at least ${wanted - 1} got ${args.length}`);
  }
  if (!fn.variadic && count !== wanted) evaluator.fail(`wrong number of args for ${name}: want ${wanted} got ${count}`);
}

/** The type of the argument at `index`. */
function parameter(fn: TemplateFunction, index: number): GoType {
  return fn.params[Math.min(index, fn.params.length - 1)];
}

/** `and` and `or` stop at the first argument that decides. */
function callLogic(evaluator: Evaluator, { dot, name, fn, args, piped }: Call): Value {
  evaluator.guard(() => evaluator.budget.spend(1));
  let value: Value;
  for (const arg of args) {
    value = evaluator.evalArgument(dot, fn.params[0], arg);
    if (isTrue(value) === (name === 'or')) return value;
  }
  return piped === MISSING ? value : piped;
}

/** Checks a value against a parameter's type and gives it its form there. */
export function validate(evaluator: Evaluator, value: Value, type: GoType | undefined): Value {
  const own = typeOf(value);
  if (type === undefined || type.kind === 'any') return value;
  if (own === undefined) return validateNothing(evaluator, type);
  if (isAssignable(own, type)) return value;
  if (own.kind === 'pointer' && own.name === `*${type.name}` && isTyped(value)) return { ...value, type } as Value;
  return evaluator.fail(`wrong type for value; expected ${type.name}; got ${own.name}`);
}

function validateNothing(evaluator: Evaluator, type: GoType): Value {
  return canBeNil(type) ? nilOf(type) : evaluator.fail(`invalid value; expected ${type.name}`);
}

/** The literal `nil` as an argument. */
export function nilValue(evaluator: Evaluator, type: GoType | undefined): Value {
  if (type === undefined || canBeNil(type)) return nilOf(type);
  return evaluator.fail(`cannot assign nil to ${type.name}`);
}

function canBeNil(type: GoType): boolean {
  return ['any', 'interface', 'map', 'list', 'pointer'].includes(type.kind);
}

function nilOf(type: GoType | undefined): Value {
  switch (type?.kind) {
    case 'interface':
      return null;
    case 'list':
      return { kind: 'list', type, items: [] };
    case 'map':
      return { kind: 'map', type, entries: new Map() };
    default:
      return undefined;
  }
}

/** The value of a literal, as the parameter's type wants it.
 *  @see Go text/template/exec.go evalArg, idealConstant */
export function literalValue(evaluator: Evaluator, node: BoolNode | NumberNode | StringNode, type?: GoType): Value {
  const wrong = (wanted: string) => evaluator.fail(`expected ${wanted}; found ${nodeText(node)}`);
  switch (type?.kind) {
    case undefined:
    case 'any':
    case 'interface':
      if (node.kind !== 'number') return node.value;
      return node.value ?? evaluator.fail(`${node.text} overflows int`);
    case 'bool':
      return node.kind === 'bool' ? node.value : wrong('bool');
    case 'string':
      return node.kind === 'string' ? typed(type, node.value) : wrong('string');
    case 'int':
      return node.kind === 'number' && node.integer !== undefined ? typed(type, node.integer) : wrong('integer');
    case 'float':
      return node.kind === 'number' ? node.float : wrong('float');
    default:
      return evaluator.fail(`can't handle ${nodeText(node)} for arg of type ${type?.name}`);
  }
}

/** A string or integer of a named type. */
function typed(type: GoType, value: string | bigint): Value {
  if (type.name === 'string' || type.name === 'int') return value;
  return typeof value === 'string' ? { kind: 'string', type, value } : { kind: 'int', type, value };
}
