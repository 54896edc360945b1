import { goQuote } from '#shared/model/labels.ts';
import { utf8Length } from './go-string.ts';

/** The text a node comes from, for error places. */
export interface Source {
  /** The name given to parse(). */
  readonly name: string;
  readonly text: string;
}

interface At {
  readonly source: Source;
  /** In UTF-16 units. */
  readonly start: number;
}

export interface ListNode extends At {
  readonly kind: 'list';
  readonly nodes: readonly StatementNode[];
}

export type StatementNode = TextNode | ActionNode | BranchNode | TemplateNode | LoopControlNode;

export interface TextNode extends At {
  readonly kind: 'text';
  readonly text: string;
}

export interface ActionNode extends At {
  readonly kind: 'action';
  readonly line: number;
  readonly pipe: PipeNode;
}

export interface BranchNode extends At {
  readonly kind: 'if' | 'with' | 'range';
  readonly line: number;
  readonly pipe: PipeNode;
  readonly list: ListNode;
  readonly elseList: ListNode | undefined;
}

export interface TemplateNode extends At {
  readonly kind: 'template';
  readonly line: number;
  readonly name: string;
  readonly pipe: PipeNode | undefined;
}

export interface LoopControlNode extends At {
  readonly kind: 'break' | 'continue';
  readonly line: number;
}

export interface PipeNode extends At {
  readonly kind: 'pipe';
  /** `=` rather than `:=`. */
  readonly isAssignment: boolean;
  readonly variables: readonly VariableNode[];
  readonly commands: readonly CommandNode[];
}

export interface CommandNode extends At {
  readonly kind: 'command';
  /** At least one. */
  readonly args: readonly OperandNode[];
}

export type OperandNode =
  | IdentifierNode
  | VariableNode
  | FieldNode
  | ChainNode
  | DotNode
  | NilNode
  | BoolNode
  | NumberNode
  | StringNode
  | PipeNode;

export interface IdentifierNode extends At {
  readonly kind: 'identifier';
  readonly name: string;
}

export interface VariableNode extends At {
  readonly kind: 'variable';
  /** The variable with its `$`, then fields. */
  readonly path: readonly string[];
}

export interface FieldNode extends At {
  readonly kind: 'field';
  readonly path: readonly string[];
}

export interface ChainNode extends At {
  readonly kind: 'chain';
  readonly node: OperandNode;
  readonly path: readonly string[];
}

export interface DotNode extends At {
  readonly kind: 'dot';
}

export interface NilNode extends At {
  readonly kind: 'nil';
}

export interface BoolNode extends At {
  readonly kind: 'bool';
  readonly value: boolean;
}

export interface NumberNode extends At {
  readonly kind: 'number';
  readonly text: string;
  /** What it is where nothing else is asked for: a bigint is an int. `undefined` when it overflows an int. */
  readonly value: bigint | number | undefined;
  /** As an integer, where it is a whole number. */
  readonly integer: bigint | undefined;
  readonly float: number;
}

export interface StringNode extends At {
  readonly kind: 'string';
  /** With quotes, as written. */
  readonly quoted: string;
  readonly value: string;
}

export type Node = ListNode | StatementNode | CommandNode | OperandNode;

/** A parsed template. */
export interface Tree {
  readonly name: string;
  readonly root: ListNode;
}

/** `name:line:column` of a node; the column counts bytes from 0, as Go's does. */
export function nodePlace(node: Node): string {
  const before = node.source.text.slice(0, node.start);
  const lineStart = before.lastIndexOf('\n') + 1;
  let line = 1;
  for (let i = before.indexOf('\n'); i >= 0; i = before.indexOf('\n', i + 1)) line++;
  return `${node.source.name}:${line}:${utf8Length(before.slice(lineStart))}`;
}

/** A node as template source, for error messages. */
export function nodeText(node: Node): string {
  switch (node.kind) {
    case 'list':
      return node.nodes.map(nodeText).join('');
    case 'text':
      return node.text;
    case 'action':
      return `{{${nodeText(node.pipe)}}}`;
    case 'if':
    case 'with':
    case 'range':
      return branchText(node);
    case 'template':
      return `{{template ${goQuote(node.name)}${node.pipe === undefined ? '' : ` ${nodeText(node.pipe)}`}}}`;
    case 'break':
    case 'continue':
      return `{{${node.kind}}}`;
    case 'pipe':
      return pipeText(node);
    case 'command':
      return node.args.map((arg) => (arg.kind === 'pipe' ? `(${nodeText(arg)})` : nodeText(arg))).join(' ');
    default:
      return operandText(node);
  }
}

function branchText(node: BranchNode): string {
  const otherwise = node.elseList === undefined ? '' : `{{else}}${nodeText(node.elseList)}`;
  return `{{${node.kind} ${nodeText(node.pipe)}}}${nodeText(node.list)}${otherwise}{{end}}`;
}

function pipeText(node: PipeNode): string {
  const commands = node.commands.map(nodeText).join(' | ');
  if (node.variables.length === 0) return commands;
  return `${node.variables.map(nodeText).join(', ')} ${node.isAssignment ? '=' : ':='} ${commands}`;
}

function operandText(node: Exclude<OperandNode, PipeNode>): string {
  switch (node.kind) {
    case 'identifier':
      return node.name;
    case 'variable':
      return node.path.join('.');
    case 'field':
      return node.path.map((name) => `.${name}`).join('');
    case 'chain':
      return `${node.node.kind === 'pipe' ? `(${nodeText(node.node)})` : nodeText(node.node)}.${node.path.join('.')}`;
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'bool':
      return String(node.value);
    case 'number':
      return node.text;
    case 'string':
      return node.quoted;
  }
}

/** Whether a template is nothing but spaces. Such a definition does not replace another. */
export function isEmptyTree(node: ListNode): boolean {
  return node.nodes.every((child) => child.kind === 'text' && child.text.trim() === '');
}
