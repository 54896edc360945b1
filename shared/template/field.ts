import type { Node, OperandNode } from './ast.ts';
import { callFunction, type Evaluator, MISSING, type Piped } from './call.ts';
import { isTyped, type TypedValue, typeName, type Value } from './value.ts';

export interface FieldRead {
  readonly dot: Value;
  readonly receiver: Value;
  readonly name: string;
  readonly node: OperandNode;
  /** The receiver was read from a place of type `interface {}`, which errors then name. */
  readonly isInterface: boolean;
  /** The field itself, then its arguments; empty where it is not the last of a chain. */
  readonly args: readonly OperandNode[];
  readonly piped: Piped;
}

/** Reads `.Name` of a value: a method, a field of a struct, or an entry of a map. Nothing else can be reached.
 *  @see Go text/template/exec.go evalField */
export function readField(evaluator: Evaluator, read: FieldRead): Value {
  const { receiver, name } = read;
  if (receiver === undefined) return undefined;
  if (receiver === null) return evaluator.fail(`nil pointer evaluating interface {}.${name}`);
  if (!isTyped(receiver)) return cannotEvaluate(evaluator, read);
  const method = callMethod(evaluator, read, receiver, read.node);
  return method === undefined ? readMember(evaluator, read, receiver) : method.value;
}

function callMethod(
  evaluator: Evaluator,
  read: FieldRead,
  receiver: TypedValue,
  place: Node,
): { readonly value: Value } | undefined {
  const method = receiver.type.methods?.get(read.name);
  if (method === undefined) return undefined;
  if (method.results !== undefined && method.results > 2) {
    return evaluator.fail(`function ${read.name} has ${method.results} return values; should be 1 or 2`);
  }
  if (method.results === 2)
    return evaluator.fail(`invalid function signature for ${read.name}: second return value should be error; is int`);
  const fn = {
    params: method.params,
    variadic: method.variadic,
    call: (...args: Value[]) => {
      evaluator.budget.spendOn([receiver]);
      return method.call(receiver, ...args);
    },
  };
  const { dot, name, args, piped } = read;
  return { value: callFunction(evaluator, { dot, name, fn, isBuiltin: false, args: args.slice(1), piped, place }) };
}

function readMember(evaluator: Evaluator, read: FieldRead, receiver: TypedValue): Value {
  const { name, args, piped } = read;
  const hasArguments = args.length > 1 || piped !== MISSING;
  if (receiver.kind === 'struct') {
    const index = receiver.type.fields?.findIndex((field) => field.name === name) ?? -1;
    if (index < 0) return cannotEvaluate(evaluator, read);
    if (receiver.type.fields![index].hidden) {
      return evaluator.fail(`${name} is an unexported field of struct type ${receiver.type.name}`);
    }
    if (hasArguments) evaluator.fail(`${name} has arguments but cannot be invoked as function`);
    return receiver.fields[index];
  }
  if (receiver.kind !== 'map') return cannotEvaluate(evaluator, read);
  if (hasArguments) evaluator.fail(`${name} is not a method but has arguments`);
  return receiver.entries.has(name) ? receiver.entries.get(name) : receiver.type.zero;
}

/** Whether what `receiver.name` yields is declared as `interface {}`. */
export function yieldsInterface(receiver: Value, name: string): boolean {
  if (!isTyped(receiver) || receiver.type.methods?.has(name)) return false;
  if (receiver.kind === 'map') return receiver.type.zero === null;
  return receiver.type.fields?.find((field) => field.name === name)?.isInterface ?? false;
}

function cannotEvaluate(evaluator: Evaluator, { receiver, name, isInterface }: FieldRead): never {
  return evaluator.fail(`can't evaluate field ${name} in type ${isInterface ? 'interface {}' : typeName(receiver)}`);
}
