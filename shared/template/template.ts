import { isEmptyTree, type Tree } from './ast.ts';
import { builtinFunctions } from './builtins.ts';
import { type Environment, execute } from './exec.ts';
import { finishText } from './go-string.ts';
import { escapeHtml } from './html-escape.ts';
import { htmlFunctions } from './html-escapers.ts';
import { Budget, DEFAULT_LIMITS, type TemplateLimits } from './limits.ts';
import { parseTemplate } from './parser.ts';
import { TemplateError } from './template-error.ts';
import type { TemplateFunction, Value } from './value.ts';

export interface TemplateSetOptions {
  /** Functions besides Go's builtin ones, by name; they go before builtin ones. */
  readonly functions?: ReadonlyMap<string, TemplateFunction>;
  readonly limits?: Partial<TemplateLimits>;
}

export interface ExecuteOptions {
  /** Replaces or adds functions for this execution. */
  readonly functions?: ReadonlyMap<string, TemplateFunction>;
  /** The name of the text in error messages. @default '' */
  readonly name?: string;
}

/** Go templates that can call each other. */
export interface TemplateSet {
  /** Adds the templates that a text defines; the text itself becomes the template `name`. Later definitions replace earlier ones.
   *  @throws {TemplateError} When it does not parse; the set is unchanged. */
  parse(name: string, text: string): void;
  /** Runs a text, which may call and redefine the set's templates, without changing the set.
   *  @throws {TemplateError} */
  executeText(text: string, data: Value, options?: ExecuteOptions): string;
  /** Like executeText(), but escapes what actions write for the HTML around them.
   *  @throws {TemplateError} */
  executeHtml(text: string, data: Value, options?: ExecuteOptions): string;
  /** The names of the templates, in the order of their definition. */
  names(): readonly string[];
}

/** Makes an empty set. */
export function createTemplateSet(options: TemplateSetOptions = {}): TemplateSet {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const builtins = builtinFunctions({ maxLength: limits.maxOutputLength });
  const functions = options.functions ?? new Map<string, TemplateFunction>();
  const trees = new Map<string, Tree>();

  const run = (text: string, data: Value, { functions: extra, name = '' }: ExecuteOptions, isHtml: boolean): string => {
    const hasFunction = (fn: string) => extra?.has(fn) || functions.has(fn) || builtins.has(fn);
    const parsed = parseTemplate(name, text, hasFunction);
    const all = new Map(trees);
    addTrees(all, parsed);
    const escapers = isHtml ? htmlFunctions({ maxLength: limits.maxOutputLength }) : undefined;
    const budget = new Budget(limits);
    const main = parsed.get(name)!;
    const escaped = isHtml ? escapeHtml(main, (callee) => all.get(callee), budget) : undefined;
    const environment: Environment = {
      budget,
      lookUp: (callee) => (escaped === undefined ? all.get(callee) : escaped.get(callee)),
      function: (fn) => {
        const own = extra?.get(fn) ?? functions.get(fn) ?? escapers?.get(fn);
        if (own !== undefined) return { fn: own, isBuiltin: false };
        const builtin = builtins.get(fn);
        return builtin === undefined ? undefined : { fn: builtin, isBuiltin: true };
      },
    };
    return finishText(execute(escaped?.get(name) ?? main, data, environment));
  };

  return {
    parse: (name, text) =>
      addTrees(
        trees,
        parseTemplate(name, text, (fn) => functions.has(fn) || builtins.has(fn)),
      ),
    executeText: (text, data, execution = {}) => guardStack(() => run(text, data, execution, false)),
    executeHtml: (text, data, execution = {}) => guardStack(() => run(text, data, execution, true)),
    names: () => [...trees.keys()],
  };
}

/** A definition of nothing but spaces does not replace another. */
function addTrees(into: Map<string, Tree>, trees: ReadonlyMap<string, Tree>): void {
  for (const [name, tree] of trees) {
    if (!into.has(name) || !isEmptyTree(tree.root)) into.set(name, tree);
  }
}

/** The limits on depth are chosen for a whole stack; a caller that is deep itself gets the same error rather than a crash. */
function guardStack(run: () => string): string {
  try {
    return run();
  } catch (cause) {
    if (cause instanceof RangeError && cause.message.startsWith('Maximum call stack')) {
      throw new TemplateError('template: exceeded the stack', { cause });
    }
    throw cause;
  }
}
