import { goQuote } from '#shared/model/labels.ts';
import type {
  BranchNode,
  CommandNode,
  ListNode,
  Node,
  OperandNode,
  PipeNode,
  StatementNode,
  TemplateNode,
  VariableNode,
} from './ast.ts';
import { nodePlace, nodeText } from './ast.ts';
import { callFunction, type Evaluator, literalValue, MISSING, nilValue, type Piped, validate } from './call.ts';
import { readField, yieldsInterface } from './field.ts';
import { sprint } from './format.ts';
import { finishText } from './go-string.ts';
import type { Budget } from './limits.ts';
import { FunctionError, TemplateError } from './template-error.ts';
import {
  dereference,
  type GoMap,
  type GoType,
  intOf,
  isTrue,
  isTyped,
  sortedKeys,
  type TemplateFunction,
  type Value,
} from './value.ts';

/** A template that can run: its tree, and in HTML mode what escaping changes in it. */
export interface Runnable {
  readonly name: string;
  readonly root: ListNode;
  /** Texts to write instead of the node's own. */
  readonly texts?: ReadonlyMap<Node, string>;
  /** What to append to the pipelines of actions. */
  readonly pipelines?: ReadonlyMap<Node, PipeNode>;
  /** Names of templates to call instead of the node's own. */
  readonly callees?: ReadonlyMap<Node, string>;
}

export interface Environment {
  lookUp(name: string): Runnable | undefined;
  /** The user's function of that name, before a builtin one. */
  function(name: string): { readonly fn: TemplateFunction; readonly isBuiltin: boolean } | undefined;
  readonly budget: Budget;
}

/** Runs a template and returns what it writes.
 *  @throws {TemplateError} With Go's words and place.
 *  @see Go text/template/exec.go */
export function execute(template: Runnable, data: Value, environment: Environment): string {
  const output: Output = { parts: [], length: 0 };
  new Execution(template, data, environment, output, 0).run();
  return output.parts.join('');
}

interface Output {
  readonly parts: string[];
  length: number;
}

interface Variable {
  readonly name: string;
  value: Value;
}

/** How a list of statements ended. */
type Flow = 'next' | 'break' | 'continue';

/** One template being executed; a template it calls has its own. */
class Execution implements Evaluator {
  readonly #template: Runnable;
  readonly #environment: Environment;
  readonly #output: Output;
  readonly #depth: number;
  readonly #data: Value;
  readonly #variables: Variable[];
  /** Where errors are reported. */
  #node: Node;

  constructor(template: Runnable, data: Value, environment: Environment, output: Output, depth: number) {
    this.#template = template;
    this.#data = data;
    this.#environment = environment;
    this.#output = output;
    this.#depth = depth;
    this.#variables = [{ name: '$', value: data }];
    this.#node = template.root;
  }

  run(): void {
    this.#walkList(this.#data, this.#template.root);
  }

  fail(problem: string, options?: ErrorOptions): never {
    const name = this.#template.name;
    const place = `template: ${nodePlace(this.#node)}: executing ${goQuote(name)} at <${nodeText(this.#node)}>`;
    throw new TemplateError(finishText(`${place}: ${problem}`), options);
  }

  at(node: Node): void {
    this.#node = node;
  }

  /** Does what may exceed a limit or fail on its arguments, and reports that at the current place. */
  guard<T>(what: () => T): T {
    try {
      return what();
    } catch (cause) {
      if (cause instanceof FunctionError) return this.fail(cause.message, { cause });
      throw cause;
    }
  }

  get budget(): Budget {
    return this.#environment.budget;
  }

  #write(text: string): void {
    this.#output.length += text.length;
    if (this.#output.length > this.budget.limits.maxOutputLength) {
      this.fail(`output exceeds ${this.budget.limits.maxOutputLength} characters`);
    }
    this.#output.parts.push(text);
  }

  #walkList(dot: Value, list: ListNode): Flow {
    for (const node of list.nodes) {
      const flow = this.#walk(dot, node);
      if (flow !== 'next') return flow;
    }
    return 'next';
  }

  #walk(dot: Value, node: StatementNode): Flow {
    this.#node = node;
    this.guard(() => this.budget.spend(1));
    switch (node.kind) {
      case 'text':
        this.#write(this.#template.texts?.get(node) ?? node.text);
        return 'next';
      case 'action': {
        const value = this.evalPipeline(dot, this.#template.pipelines?.get(node) ?? node.pipe);
        if (node.pipe.variables.length === 0) this.#print(node, value);
        return 'next';
      }
      case 'if':
      case 'with':
        return this.#walkIfOrWith(dot, node);
      case 'range':
        this.#walkRange(dot, node);
        return 'next';
      case 'template':
        this.#walkTemplate(dot, node);
        return 'next';
      default:
        return node.kind;
    }
  }

  #print(node: Node, value: Value): void {
    this.#node = node;
    if (typeof value === 'string') this.#write(value);
    else this.#write(value === undefined ? '<no value>' : this.guard(() => this.#format(value)));
  }

  #format(value: Value): string {
    // A pointer is followed before it is printed.
    if (isTyped(value) && value.kind === 'struct')
      return sprint([dereference(value)], { maxLength: this.budget.limits.maxOutputLength });
    return sprint([value], { maxLength: this.budget.limits.maxOutputLength });
  }

  #walkIfOrWith(dot: Value, node: BranchNode): Flow {
    const mark = this.#variables.length;
    const value = this.evalPipeline(dot, node.pipe);
    let flow: Flow = 'next';
    if (isTrue(value)) flow = this.#walkList(node.kind === 'with' ? value : dot, node.list);
    else if (node.elseList !== undefined) flow = this.#walkList(dot, node.elseList);
    this.#variables.length = mark;
    return flow;
  }

  #walkRange(dot: Value, node: BranchNode): void {
    const mark = this.#variables.length;
    const value = this.evalPipeline(dot, node.pipe);
    const ran = this.#iterate(value, node);
    this.#variables.length = mark;
    if (!ran && node.elseList !== undefined) this.#walkList(dot, node.elseList);
  }

  /** Returns whether there was at least one element. */
  #iterate(value: Value, node: BranchNode): boolean {
    const mark = this.#variables.length;
    const once = (index: Value, element: Value): boolean => {
      this.guard(() => this.budget.spend(1));
      this.#setRangeVariables(node.pipe, index, element);
      const flow = this.#walkList(element, node.list);
      this.#variables.length = mark;
      return flow !== 'break';
    };
    const count = intOf(value);
    if (count !== undefined) return this.#iterateInteger(count, value, node, once);
    if (value === undefined || value === null) return false;
    if (isTyped(value) && value.kind === 'list') {
      value.items.some((item, i) => !once(BigInt(i), item));
      return value.items.length > 0;
    }
    if (isTyped(value) && value.kind === 'map') return this.#iterateMap(value, once);
    return this.fail(`range can't iterate over ${this.guard(() => this.#format(value))}`);
  }

  #iterateInteger(
    count: bigint,
    value: Value,
    node: BranchNode,
    once: (index: Value, element: Value) => boolean,
  ): boolean {
    if (node.pipe.variables.length > 1) this.fail(`can't use ${count} to iterate over more than one variable`);
    for (let i = 0n; i < count; i++) {
      const element: Value = isTyped(value) && value.kind === 'int' ? { ...value, value: i } : i;
      if (!once(undefined, element)) break;
    }
    return count > 0n;
  }

  #iterateMap(value: GoMap, once: (index: Value, element: Value) => boolean): boolean {
    this.guard(() => this.budget.spendOn([value]));
    sortedKeys(value).some((key) => !once(key, value.entries.get(key)));
    return value.entries.size > 0;
  }

  #setRangeVariables(pipe: PipeNode, index: Value, element: Value): void {
    const [first, second] = pipe.variables;
    if (first === undefined) return;
    if (pipe.isAssignment) {
      this.#assign(first.path[0], second === undefined ? element : index);
      if (second !== undefined) this.#assign(second.path[0], element);
      return;
    }
    const top = this.#variables.length;
    this.#variables[top - 1].value = element;
    if (second !== undefined) this.#variables[top - 2].value = index;
  }

  #walkTemplate(dot: Value, node: TemplateNode): void {
    const name = this.#template.callees?.get(node) ?? node.name;
    const template = this.#environment.lookUp(name);
    if (template === undefined) this.fail(`template ${goQuote(name)} not defined`);
    const { maxDepth } = this.budget.limits;
    if (this.#depth >= maxDepth) this.fail(`exceeded maximum template depth (${maxDepth})`);
    const data = node.pipe === undefined ? undefined : this.evalPipeline(dot, node.pipe);
    new Execution(template!, data, this.#environment, this.#output, this.#depth + 1).run();
  }

  evalPipeline(dot: Value, pipe: PipeNode): Value {
    this.#node = pipe;
    let value: Piped = MISSING;
    for (const command of pipe.commands) {
      value = this.#evalCommand(dot, command, value);
      // A nil interface that came out of a map or list is as good as nothing.
      if (value === null) value = undefined;
    }
    const result = value as Value;
    for (const { path } of pipe.variables) {
      if (pipe.isAssignment) this.#assign(path[0], result);
      else this.#variables.push({ name: path[0], value: result });
    }
    return result;
  }

  #evalCommand(dot: Value, command: CommandNode, piped: Piped): Value {
    const first = command.args[0];
    switch (first.kind) {
      case 'field':
      case 'chain':
      case 'variable':
        return this.#evalPath(dot, first, command.args, piped);
      case 'identifier':
        return this.#evalFunction(dot, first, command, command.args, piped);
      case 'pipe':
        this.#refuseArguments(command.args, piped);
        return this.evalPipeline(dot, first);
      default:
        this.#node = first;
        this.#refuseArguments(command.args, piped);
        if (first.kind === 'dot') return dot;
        if (first.kind === 'nil') return this.fail('nil is not a command');
        return literalValue(this, first);
    }
  }

  #refuseArguments(args: readonly OperandNode[], piped: Piped): void {
    if (args.length > 1 || piped !== MISSING) this.fail(`can't give argument to non-function ${nodeText(args[0])}`);
  }

  /** `.A.B`, `$x.A.B` or `(…).A.B`, the last of which may be a method with arguments. */
  #evalPath(
    dot: Value,
    node: Extract<OperandNode, { kind: 'field' | 'chain' | 'variable' }>,
    args: readonly OperandNode[],
    piped: Piped,
  ): Value {
    this.#node = node;
    if (node.kind === 'field') return this.#evalFields(dot, dot, node, node.path, args, piped);
    if (node.kind === 'chain') {
      if (node.node.kind === 'nil') this.fail(`indirection through explicit nil in ${nodeText(node)}`);
      const receiver = this.evalArgument(dot, undefined, node.node);
      return this.#evalFields(dot, receiver, node, node.path, args, piped);
    }
    const value = this.#variable(node);
    if (node.path.length > 1) return this.#evalFields(dot, value, node, node.path.slice(1), args, piped);
    this.#refuseArguments(args, piped);
    return value;
  }

  #evalFields(
    dot: Value,
    from: Value,
    node: OperandNode,
    path: readonly string[],
    args: readonly OperandNode[],
    piped: Piped,
  ): Value {
    let receiver = from;
    let isInterface = false;
    path.forEach((name, i) => {
      const isLast = i === path.length - 1;
      const value = readField(this, {
        dot,
        receiver,
        name,
        node,
        isInterface,
        args: isLast ? args : [],
        piped: isLast ? piped : MISSING,
      });
      isInterface = yieldsInterface(receiver, name);
      receiver = value;
    });
    return receiver;
  }

  #evalFunction(
    dot: Value,
    node: OperandNode & { kind: 'identifier' },
    place: Node,
    args: readonly OperandNode[],
    piped: Piped,
  ): Value {
    this.#node = node;
    const found = this.#environment.function(node.name);
    if (found === undefined) return this.fail(`${goQuote(node.name)} is not a defined function`);
    return callFunction(this, { dot, name: node.name, ...found, args: args.slice(1), piped, place });
  }

  /** The value of an argument, checked against the parameter's type where there is one. */
  evalArgument(dot: Value, type: GoType | undefined, node: OperandNode): Value {
    this.#node = node;
    switch (node.kind) {
      case 'dot':
        return validate(this, dot, type);
      case 'nil':
        return nilValue(this, type);
      case 'field':
      case 'chain':
      case 'variable':
        return validate(this, this.#evalPath(dot, node, [node], MISSING), type);
      case 'pipe':
        return validate(this, this.evalPipeline(dot, node), type);
      case 'identifier':
        return validate(this, this.#evalFunction(dot, node, node, [node], MISSING), type);
      default:
        return literalValue(this, node, type);
    }
  }

  #variable(node: VariableNode): Value {
    return this.#find(node.path[0]).value;
  }

  #assign(name: string, value: Value): void {
    this.#find(name).value = value;
  }

  #find(name: string): Variable {
    return this.#variables.findLast((variable) => variable.name === name) ?? this.fail(`undefined variable: ${name}`);
  }
}
