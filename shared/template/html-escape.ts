import { goQuote } from '#shared/model/labels.ts';
import {
  type ActionNode,
  type BranchNode,
  type ListNode,
  type Node,
  nodePlace,
  nodeText,
  type PipeNode,
  type StatementNode,
  type TemplateNode,
  type TextNode,
  type Tree,
} from './ast.ts';
import type { Runnable } from './exec.ts';
import {
  type Context,
  failed,
  type HtmlProblem,
  nameIn,
  nudge,
  sameContext,
  showContext,
  TEXT_CONTEXT,
} from './html-context.ts';
import { isPredefinedEscaper, pipelineEscapers, withEscapers } from './html-pipeline.ts';
import { escapeTextNode } from './html-text.ts';
import type { Budget } from './limits.ts';
import { FunctionError, TemplateError } from './template-error.ts';

/** Finds the HTML context of every action that a template can reach, and what its output must be escaped with.
 *  @param lookUp Finds a template of the set by name.
 *  @returns What to run for every template reached, by its name, which says in which context it is called.
 *  @throws {TemplateError} When a context depends on data, or the HTML is ambiguous, with Go's words.
 *  @see Go html/template/escape.go */
export function escapeHtml(
  main: Tree,
  lookUp: (name: string) => Tree | undefined,
  budget: Budget,
): ReadonlyMap<string, Runnable> {
  const escaper = new Escaper((name) => (name === main.name ? main : lookUp(name)), budget);
  const { context } = escaper.template(TEXT_CONTEXT, main.name, main.root, 0);
  if (context.problem !== undefined) throw new TemplateError(problemText(context.problem, main.name));
  if (context.state !== 'Text') {
    throw new TemplateError(
      problemText({ description: `ends in a non-text context: ${showContext(context)}` }, main.name),
    );
  }
  return escaper.runnables();
}

function problemText({ node, line, description }: HtmlProblem, name: string): string {
  if (node !== undefined) return `html/template:${nodePlace(node)}: ${description}`;
  if (line !== undefined && line !== 0) return `html/template:${name}:${line}: ${description}`;
  return name === '' ? `html/template: ${description}` : `html/template:${name}: ${description}`;
}

/** What escaping changes in one template in one context. */
interface Edits {
  readonly root: ListNode;
  readonly texts: Map<Node, string>;
  readonly pipelines: Map<Node, PipeNode>;
  readonly callees: Map<Node, string>;
}

/** The contexts at the breaks and continues of the loop being analysed. */
interface Loop {
  readonly outer: Loop | undefined;
  readonly exits: { readonly kind: 'break' | 'continue'; readonly context: Context }[];
}

/** Walks templates in a context. What it finds may prove wrong (a guess at the end of a recursive template, a second round of a loop),
 *  so each trial has its own Escaper whose finds are adopted or dropped. */
class Escaper {
  readonly #lookUp: (name: string) => Tree | undefined;
  readonly #budget: Budget;
  /** The context in which a template ends, by the name that includes the context it begins in. */
  #ends = new Map<string, Context>();
  #edits = new Map<string, Edits>();
  #called = new Set<string>();
  #loop: Loop | undefined;
  /** The edits of the template being walked. */
  #current: Edits | undefined;

  constructor(lookUp: (name: string) => Tree | undefined, budget: Budget) {
    this.#lookUp = lookUp;
    this.#budget = budget;
  }

  runnables(): ReadonlyMap<string, Runnable> {
    return new Map([...this.#edits].map(([name, edits]) => [name, { name, ...edits }]));
  }

  /** Walks a template that begins in a context and returns where it ends and its name there. */
  template(
    context: Context,
    name: string,
    caller: Node,
    line: number,
  ): { readonly context: Context; readonly name: string } {
    const full = nameIn(context, name);
    this.#called.add(full);
    const known = this.#ends.get(full);
    if (known !== undefined) return { context: known, name: full };
    const tree = this.#lookUp(name);
    if (tree === undefined)
      return { context: failed(`no such template ${goQuote(name)}`, { node: caller, line }), name: full };
    return { context: this.#body(context, full, tree), name: full };
  }

  /** A recursive template's end is first taken to be its beginning, then what that led to. */
  #body(context: Context, full: string, tree: Tree): Context {
    const first = this.#tryBody(context, full, tree);
    if (first.ok) return first.context;
    const second = this.#tryBody(first.context, full, tree);
    if (second.ok) return second.context;
    if (first.context.state === 'Error') return first.context;
    return failed(`cannot compute output context for template ${full}`, { node: tree.root });
  }

  #tryBody(assumed: Context, full: string, tree: Tree): { readonly context: Context; readonly ok: boolean } {
    this.#ends.set(full, assumed);
    const trial = this.#trial();
    trial.#current = { root: tree.root, texts: new Map(), pipelines: new Map(), callees: new Map() };
    trial.#edits.set(full, trial.#current);
    const context = trial.#list(assumed, tree.root);
    const ok = context.state !== 'Error' && (!trial.#called.has(full) || sameContext(assumed, context));
    if (ok) this.#adopt(trial);
    return { context, ok };
  }

  #trial(): Escaper {
    const trial = new Escaper(this.#lookUp, this.#budget);
    trial.#ends = new Map(this.#ends);
    trial.#loop = this.#loop;
    return trial;
  }

  #adopt(trial: Escaper): void {
    for (const [name, context] of trial.#ends) this.#ends.set(name, context);
    for (const [name, edits] of trial.#edits) this.#edits.set(name, edits);
    for (const name of trial.#called) this.#called.add(name);
  }

  #list(from: Context, list: ListNode | undefined): Context {
    let context = from;
    for (const node of list?.nodes ?? []) {
      context = this.#node(context, node);
      if (context.state === 'Dead') break;
    }
    return context;
  }

  #node(context: Context, node: StatementNode): Context {
    this.#spend(node);
    switch (node.kind) {
      case 'text':
        return this.#text(context, node);
      case 'action':
        return this.#action(context, node);
      case 'if':
      case 'with':
      case 'range':
        return this.#branch(context, node);
      case 'template':
        return this.#call(context, node);
      default:
        this.#loop?.exits.push({ kind: node.kind, context: { ...context, exit: node } });
        return { ...TEXT_CONTEXT, state: 'Dead' };
    }
  }

  #spend(node: StatementNode): void {
    try {
      this.#budget.spend(node.kind === 'text' ? 1 + (node.text.length >> 6) : 1);
    } catch (cause) {
      if (cause instanceof FunctionError)
        throw new TemplateError(problemText({ description: cause.message, node }, ''), { cause });
      throw cause;
    }
  }

  #text(context: Context, node: TextNode): Context {
    const { context: end, text } = escapeTextNode(context, node.text);
    if (text !== undefined) this.#current?.texts.set(node, text);
    return end;
  }

  #action(from: Context, node: ActionNode): Context {
    if (node.pipe.variables.length > 0) return from;
    const context = nudge(from);
    const misused = misusedEscaper(context, node);
    if (misused !== undefined) {
      return failed(`predefined escaper ${goQuote(misused)} disallowed in template`, { node, line: node.line });
    }
    if (context.state === 'Error') return context;
    if (context.urlPart === 'Unknown' && hasUrlParts(context)) {
      return failed(`${nodeText(node)} appears in an ambiguous context within a URL`, { node, line: node.line });
    }
    this.#current?.pipelines.set(node, withEscapers(node.pipe, pipelineEscapers(context)));
    if (context.state === 'JS') return { ...context, jsSlash: 'DivOp' };
    return context.state === 'Tag' ? { ...context, state: 'AttrName' } : context;
  }

  #branch(context: Context, node: BranchNode): Context {
    const body = node.kind === 'range' ? this.#loopBody(context, node) : this.#list(context, node.list);
    if (node.kind === 'range' && body.state === 'Error') return body;
    return join(body, this.#list(context, node.elseList), node, node.kind);
  }

  /** A loop must begin its second round in a context that ends as the first did. */
  #loopBody(context: Context, node: BranchNode): Context {
    const outer = this.#loop;
    this.#loop = { outer, exits: [] };
    let end = this.#list(context, node.list);
    if (end.state !== 'Error') end = joinExits(end, this.#loop);
    this.#loop = outer;
    if (end.state === 'Error') return end;
    const trial = this.#trial();
    trial.#loop = { outer, exits: [] };
    const again = join(end, trial.#list(end, node.list), node, node.kind);
    if (again.problem !== undefined) {
      return failed(`on range loop re-entry: ${again.problem.description}`, { ...again.problem, line: node.line });
    }
    return joinExits(again, trial.#loop);
  }

  #call(context: Context, node: TemplateNode): Context {
    const called = this.template(context, node.name, node, node.line);
    if (called.name !== node.name) this.#current?.callees.set(node, called.name);
    return called.context;
  }
}

/** `html` or `urlquery` where it is not the end of a pipeline, or `html` in an unquoted attribute. */
function misusedEscaper(context: Context, node: ActionNode): string | undefined {
  const last = node.pipe.commands.length - 1;
  for (const [i, command] of node.pipe.commands.entries()) {
    const [first] = command.args;
    if (first.kind !== 'identifier' || !isPredefinedEscaper(first.name)) continue;
    const inUnquoted = context.state === 'Attr' && context.delimiter === 'SpaceOrTagEnd' && first.name === 'html';
    if (i < last || inUnquoted) return first.name;
  }
  return undefined;
}

function hasUrlParts({ state }: Context): boolean {
  return ['URL', 'CSSDqStr', 'CSSSqStr', 'CSSDqURL', 'CSSSqURL', 'CSSURL'].includes(state);
}

/** The context after a branch of which only one side runs. */
function join(a: Context, b: Context, node: Node, name: string): Context {
  if (a.state === 'Error' || b.state === 'Dead') return a;
  if (b.state === 'Error' || a.state === 'Dead') return b;
  if (sameContext(a, b)) return a;
  if (sameContext({ ...a, urlPart: b.urlPart }, b)) return { ...a, urlPart: 'Unknown' };
  if (sameContext({ ...a, jsSlash: b.jsSlash }, b)) return { ...a, jsSlash: 'Unknown' };
  const nudged = { a: nudge(a), b: nudge(b) };
  if (!sameContext(nudged.a, a) || !sameContext(nudged.b, b)) {
    const joined = join(nudged.a, nudged.b, node, name);
    if (joined.state !== 'Error') return joined;
  }
  return failed(`{{${name}}} branches end in different contexts: ${showContext(a)}, ${showContext(b)}`, { node });
}

/** Breaks and continues go on where the loop's body ends. */
function joinExits(end: Context, loop: Loop): Context {
  let context = end;
  for (const kind of ['break', 'continue'] as const) {
    for (const exit of loop.exits.filter((candidate) => candidate.kind === kind)) {
      const node = exit.context.exit!;
      context = join(context, exit.context, node, 'range');
      if (context.problem !== undefined) {
        return failed(`at range loop ${kind}: ${context.problem.description}`, { ...context.problem, line: node.line });
      }
    }
  }
  return context;
}
