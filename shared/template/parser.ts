import { goQuote } from '#shared/model/labels.ts';
import {
  type BranchNode,
  type CommandNode,
  isEmptyTree,
  type ListNode,
  type NumberNode,
  nodeText,
  type OperandNode,
  type PipeNode,
  type Source,
  type StatementNode,
  type TemplateNode,
  type Tree,
  type VariableNode,
} from './ast.ts';
import { parseFloat64, parseInt64, parseUint64 } from './go-number.ts';
import { quote, unquote } from './go-string.ts';
import { isKeyword, type Token, type TokenKind, tokenize } from './lexer.ts';
import { TemplateError } from './template-error.ts';

/** Nested actions and parentheses. Go allows 10,000 parentheses; every level costs stack when the template runs. */
const MAX_NESTING = 200;

/** Parses a template text.
 *  @param name For the main template and for error messages.
 *  @param hasFunction Whether a function of that name can be called.
 *  @returns The trees of all templates that the text defines, the main one included, by name.
 *  @throws {TemplateError} With Go's words.
 *  @see Go text/template/parse/parse.go */
export function parseTemplate(
  name: string,
  text: string,
  hasFunction: (name: string) => boolean,
): ReadonlyMap<string, Tree> {
  const shared: Shared = {
    source: { name, text },
    tokens: tokenize(text),
    trees: new Map(),
    hasFunction,
    next: 0,
    furthest: 0,
    nesting: 0,
  };
  new TreeParser(shared).parseMain(name);
  return shared.trees;
}

/** What the parsers of all trees of one text share. */
interface Shared {
  readonly source: Source;
  readonly tokens: readonly Token[];
  readonly trees: Map<string, Tree>;
  readonly hasFunction: (name: string) => boolean;
  /** The index of the next token. */
  next: number;
  /** The index of the last token looked at, whose line an error names. */
  furthest: number;
  nesting: number;
}

/** What ends a list of statements. */
interface ListEnd {
  readonly kind: 'end' | 'else';
}

class TreeParser {
  readonly #shared: Shared;
  #variables: string[] = ['$'];
  #rangeDepth = 0;
  /** The line of the action being parsed, 0 outside of one. */
  #actionLine = 0;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  parseMain(name: string): void {
    const nodes: StatementNode[] = [];
    const start = this.#peek().start;
    while (this.#peek().kind !== 'eof') {
      const mark = this.#shared.next;
      if (this.#next().kind === 'leftDelim' && this.#nextNonSpace().kind === 'define') {
        new TreeParser(this.#shared).#parseDefinition();
        continue;
      }
      this.#shared.next = mark;
      const node = this.#textOrAction();
      if (isListEnd(node)) this.#fail(`unexpected {{${node.kind}}}`);
      nodes.push(node);
    }
    this.#add(name, { kind: 'list', source: this.#shared.source, start, nodes });
  }

  #parseDefinition(): void {
    const context = 'define clause';
    const token = this.#nextNonSpace();
    if (token.kind !== 'string' && token.kind !== 'rawString') this.#unexpected(token, context);
    const name = this.#unquote(token.text);
    this.#expect('rightDelim', context);
    this.#add(name, this.#definitionBody(context));
  }

  #definitionBody(context: string): ListNode {
    const { list, end } = this.#itemList();
    if (end.kind !== 'end') this.#fail(`unexpected {{${end.kind}}} in ${context}`);
    return list;
  }

  #add(name: string, root: ListNode): void {
    const old = this.#shared.trees.get(name);
    if (old === undefined || isEmptyTree(old.root)) this.#shared.trees.set(name, { name, root });
    else if (!isEmptyTree(root)) this.#fail(`template: multiple definition of template ${quote(name)}`);
  }

  #itemList(): { readonly list: ListNode; readonly end: ListEnd } {
    const nodes: StatementNode[] = [];
    const start = this.#peekNonSpace().start;
    while (this.#peekNonSpace().kind !== 'eof') {
      const node = this.#textOrAction();
      if (isListEnd(node)) return { list: { kind: 'list', source: this.#shared.source, start, nodes }, end: node };
      nodes.push(node);
    }
    return this.#fail('unexpected EOF');
  }

  #textOrAction(): StatementNode | ListEnd {
    const token = this.#nextNonSpace();
    if (token.kind === 'text')
      return { kind: 'text', source: this.#shared.source, start: token.start, text: token.text };
    if (token.kind !== 'leftDelim') this.#unexpected(token, 'input');
    this.#actionLine = token.line;
    const node = this.#nested(() => this.#action());
    this.#actionLine = 0;
    return node;
  }

  #action(): StatementNode | ListEnd {
    const token = this.#nextNonSpace();
    switch (token.kind) {
      case 'block':
        return this.#block();
      case 'break':
      case 'continue':
        return this.#loopControl(token);
      case 'else':
        return this.#else();
      case 'end':
        this.#expect('rightDelim', 'end');
        return { kind: 'end' };
      case 'if':
      case 'with':
      case 'range':
        return this.#control(token.kind);
      case 'template':
        return this.#template();
      default: {
        this.#backup();
        const { start, line } = this.#peek();
        const pipe = this.#pipeline('command', 'rightDelim');
        return { kind: 'action', source: this.#shared.source, start, line, pipe };
      }
    }
  }

  #loopControl(token: Token): StatementNode {
    const kind = token.kind as 'break' | 'continue';
    const close = this.#nextNonSpace();
    if (close.kind !== 'rightDelim') this.#unexpected(close, `{{${kind}}}`);
    if (this.#rangeDepth === 0) this.#fail(`{{${kind}}} outside {{range}}`);
    return { kind, source: this.#shared.source, start: token.start, line: token.line };
  }

  #else(): ListEnd {
    const next = this.#peekNonSpace().kind;
    if (next !== 'if' && next !== 'with') this.#expect('rightDelim', 'else');
    return { kind: 'else' };
  }

  #control(kind: BranchNode['kind']): BranchNode {
    const known = this.#variables.length;
    const { line } = this.#peekNonSpace();
    const pipe = this.#pipeline(kind, 'rightDelim');
    if (kind === 'range') this.#rangeDepth++;
    const { list, end } = this.#itemList();
    if (kind === 'range') this.#rangeDepth--;
    const elseList = end.kind === 'else' ? this.#elseList(kind) : undefined;
    this.#variables.length = known;
    return { kind, source: this.#shared.source, start: pipe.start, line, pipe, list, elseList };
  }

  /** `{{else if x}}` is `{{else}}{{if x}}` whose `{{end}}` serves for both. */
  #elseList(kind: BranchNode['kind']): ListNode {
    const { start } = this.#peek();
    if (kind !== 'range' && this.#peek().kind === kind) {
      this.#next();
      const node = this.#nested(() => this.#control(kind));
      return { kind: 'list', source: this.#shared.source, start, nodes: [node] };
    }
    const { list, end } = this.#itemList();
    if (end.kind !== 'end') this.#fail(`expected end; found {{${end.kind}}}`);
    return list;
  }

  #block(): TemplateNode {
    const context = 'block clause';
    const token = this.#nextNonSpace();
    const name = this.#templateName(token, context);
    const pipe = this.#pipeline(context, 'rightDelim');
    const body = new TreeParser(this.#shared);
    body.#add(name, body.#definitionBody(context));
    return { kind: 'template', source: this.#shared.source, start: token.start, line: token.line, name, pipe };
  }

  #template(): TemplateNode {
    const context = 'template clause';
    const token = this.#nextNonSpace();
    const name = this.#templateName(token, context);
    let pipe: PipeNode | undefined;
    if (this.#nextNonSpace().kind !== 'rightDelim') {
      this.#backup();
      pipe = this.#pipeline(context, 'rightDelim');
    }
    return { kind: 'template', source: this.#shared.source, start: token.start, line: token.line, name, pipe };
  }

  #templateName(token: Token, context: string): string {
    if (token.kind !== 'string' && token.kind !== 'rawString') this.#unexpected(token, context);
    return this.#unquote(token.text);
  }

  #pipeline(context: string, end: TokenKind): PipeNode {
    const { start } = this.#peekNonSpace();
    const { variables, isAssignment } = this.#declarations(context);
    const commands: CommandNode[] = [];
    for (;;) {
      const token = this.#nextNonSpace();
      if (token.kind === end) break;
      if (!OPERAND_STARTS.has(token.kind)) this.#unexpected(token, context);
      this.#backup();
      commands.push(this.#command());
    }
    this.#checkPipeline(commands, context);
    return { kind: 'pipe', source: this.#shared.source, start, isAssignment, variables, commands };
  }

  #declarations(context: string): { readonly variables: VariableNode[]; readonly isAssignment: boolean } {
    const variables: VariableNode[] = [];
    for (;;) {
      const token = this.#peekNonSpace();
      if (token.kind !== 'variable') return { variables, isAssignment: false };
      const mark = this.#shared.next;
      this.#next();
      const next = this.#peekNonSpace();
      const isList = next.kind === 'char' && next.text === ',';
      if (next.kind !== 'assign' && next.kind !== 'declare' && !isList) {
        this.#shared.next = mark;
        return { variables, isAssignment: false };
      }
      this.#nextNonSpace();
      variables.push(this.#variable(token.start, token.text));
      this.#variables.push(token.text);
      if (!isList) return { variables, isAssignment: next.kind === 'assign' };
      if (context !== 'range' || variables.length > 1) this.#fail(`too many declarations in ${context}`);
      const following = this.#peekNonSpace().kind;
      if (following !== 'variable' && following !== 'rightDelim' && following !== 'rightParen') {
        this.#fail('range can only initialize variables');
      }
    }
  }

  #checkPipeline(commands: readonly CommandNode[], context: string): void {
    if (commands.length === 0) this.#fail(`missing value for ${context}`);
    commands.forEach((command, i) => {
      if (i > 0 && LITERALS.has(command.args[0].kind)) this.#fail(`non executable command in pipeline stage ${i + 1}`);
    });
  }

  #command(): CommandNode {
    const { start } = this.#peekNonSpace();
    const args: OperandNode[] = [];
    for (;;) {
      this.#peekNonSpace();
      const operand = this.#operand();
      if (operand !== undefined) args.push(operand);
      const token = this.#next();
      if (token.kind === 'space') continue;
      if (token.kind === 'rightDelim' || token.kind === 'rightParen') this.#backup();
      else if (token.kind !== 'pipe') this.#unexpected(token, 'operand');
      break;
    }
    if (args.length === 0) this.#fail('empty command');
    return { kind: 'command', source: this.#shared.source, start, args };
  }

  #operand(): OperandNode | undefined {
    const node = this.#term();
    if (node === undefined || this.#peek().kind !== 'field') return node;
    const { start } = this.#peek();
    const path: string[] = [];
    while (this.#peek().kind === 'field') path.push(this.#next().text.slice(1));
    if (LITERALS.has(node.kind)) this.#fail(`unexpected . after term ${quote(nodeText(node))}`);
    if (node.kind === 'field' || node.kind === 'variable') return { ...node, start, path: [...node.path, ...path] };
    return { kind: 'chain', source: this.#shared.source, start, node, path };
  }

  #term(): OperandNode | undefined {
    const token = this.#nextNonSpace();
    const at = { source: this.#shared.source, start: token.start };
    switch (token.kind) {
      case 'identifier':
        if (!this.#shared.hasFunction(token.text)) this.#fail(`function ${quote(token.text)} not defined`);
        return { kind: 'identifier', ...at, name: token.text };
      case 'dot':
        return { kind: 'dot', ...at };
      case 'nil':
        return { kind: 'nil', ...at };
      case 'variable':
        return this.#useVariable(token);
      case 'field':
        return { kind: 'field', ...at, path: [token.text.slice(1)] };
      case 'bool':
        return { kind: 'bool', ...at, value: token.text === 'true' };
      case 'charConstant':
      case 'complex':
      case 'number':
        return this.#number(token);
      case 'leftParen':
        return this.#nested(() => this.#pipeline('parenthesized pipeline', 'rightParen'));
      case 'string':
      case 'rawString':
        return { kind: 'string', ...at, quoted: token.text, value: this.#unquote(token.text) };
      default:
        this.#backup();
        return undefined;
    }
  }

  #useVariable(token: Token): VariableNode {
    if (!this.#variables.includes(token.text)) this.#fail(`undefined variable ${quote(token.text)}`);
    return this.#variable(token.start, token.text);
  }

  #variable(start: number, name: string): VariableNode {
    return { kind: 'variable', source: this.#shared.source, start, path: [name] };
  }

  #number(token: Token): NumberNode {
    const at = { kind: 'number', source: this.#shared.source, start: token.start, text: token.text } as const;
    if (token.kind === 'charConstant') return { ...at, ...this.#charConstant(token.text) };
    if (token.kind === 'complex' || token.text.endsWith('i'))
      this.#fail(`complex constant ${token.text} is not supported`);
    const integer = parseInt64(token.text);
    if (integer !== undefined) return { ...at, value: integer, integer, float: Number(integer) };
    const unsigned = parseUint64(token.text);
    if (unsigned !== undefined) return { ...at, value: undefined, integer: undefined, float: Number(unsigned) };
    const float = parseFloat64(token.text);
    if (float === undefined || !Number.isFinite(float))
      return this.#fail(`illegal number syntax: ${quote(token.text)}`);
    if (!/[.eEpP]/.test(token.text)) this.#fail(`integer overflow: ${quote(token.text)}`);
    const whole = Number.isInteger(float) && Math.abs(float) < 2 ** 63 ? BigInt(float) : undefined;
    return { ...at, value: float, integer: whole, float };
  }

  #charConstant(text: string): { value: bigint; integer: bigint; float: number } {
    const char = unquote(text);
    if (char === undefined) {
      this.#fail(
        /^'(?:[^\\']|\\.[0-9a-fA-F]*)/u.test(text) ? `malformed character constant: ${text}` : 'invalid syntax',
      );
    }
    const code = char!.codePointAt(0)!;
    return { value: BigInt(code), integer: BigInt(code), float: code };
  }

  #unquote(literal: string): string {
    return unquote(literal) ?? this.#fail('invalid syntax');
  }

  #nested<T>(parse: () => T): T {
    if (this.#shared.nesting >= MAX_NESTING) this.#fail('max expression depth exceeded');
    this.#shared.nesting++;
    const result = parse();
    this.#shared.nesting--;
    return result;
  }

  #next(): Token {
    const { tokens } = this.#shared;
    const index = Math.min(this.#shared.next, tokens.length - 1);
    this.#shared.next = index + 1;
    this.#shared.furthest = Math.max(this.#shared.furthest, index);
    return tokens[index];
  }

  #backup(): void {
    this.#shared.next--;
  }

  #peek(): Token {
    const token = this.#next();
    this.#backup();
    return token;
  }

  #nextNonSpace(): Token {
    let token = this.#next();
    while (token.kind === 'space') token = this.#next();
    return token;
  }

  #peekNonSpace(): Token {
    const token = this.#nextNonSpace();
    this.#backup();
    return token;
  }

  #expect(kind: TokenKind, context: string): void {
    const token = this.#nextNonSpace();
    if (token.kind !== kind) this.#unexpected(token, context);
  }

  #unexpected(token: Token, context: string): never {
    if (token.kind !== 'error') return this.#fail(`unexpected ${showToken(token)} in ${context}`);
    if (this.#actionLine === 0 || this.#actionLine === token.line) return this.#fail(token.text);
    const place = `started at ${this.#shared.source.name}:${this.#actionLine}`;
    return this.#fail(`${token.text}${token.text.endsWith(' action') ? '' : ' in action'} ${place}`);
  }

  #fail(problem: string): never {
    const { source, tokens, furthest } = this.#shared;
    throw new TemplateError(`template: ${source.name}:${tokens[furthest].line}: ${problem}`);
  }
}

const OPERAND_STARTS: ReadonlySet<TokenKind> = new Set<TokenKind>([
  'bool',
  'charConstant',
  'complex',
  'dot',
  'field',
  'identifier',
  'number',
  'nil',
  'rawString',
  'string',
  'variable',
  'leftParen',
]);

const LITERALS: ReadonlySet<OperandNode['kind']> = new Set<OperandNode['kind']>([
  'bool',
  'dot',
  'nil',
  'number',
  'string',
]);

function isListEnd(node: StatementNode | ListEnd): node is ListEnd {
  return node.kind === 'end' || node.kind === 'else';
}

function showToken(token: Token): string {
  if (token.kind === 'eof') return 'EOF';
  if (isKeyword(token.kind)) return `<${token.text}>`;
  const chars = [...token.text];
  return chars.length > 10 ? `${goQuote(chars.slice(0, 10).join(''))}...` : goQuote(token.text);
}
