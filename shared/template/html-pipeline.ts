import type { CommandNode, PipeNode } from './ast.ts';
import { type Context, isComment } from './html-context.ts';

/** Functions that only escaping calls; no template can name them, because `_html…` alone is no identifier users have. */
export type Escaper =
  | '_html_template_attrescaper'
  | '_html_template_commentescaper'
  | '_html_template_cssescaper'
  | '_html_template_cssvaluefilter'
  | '_html_template_htmlnamefilter'
  | '_html_template_htmlescaper'
  | '_html_template_jsregexpescaper'
  | '_html_template_jsstrescaper'
  | '_html_template_jstmpllitescaper'
  | '_html_template_jsvalescaper'
  | '_html_template_nospaceescaper'
  | '_html_template_rcdataescaper'
  | '_html_template_srcsetescaper'
  | '_html_template_urlescaper'
  | '_html_template_urlfilter'
  | '_html_template_urlnormalizer'
  | '_eval_args_';

/** What an action's value goes through in a context. */
export function pipelineEscapers(context: Context): readonly string[] {
  const escapers: Escaper[] = contentEscapers(context);
  if (context.delimiter === 'None') return escapers;
  return [
    ...escapers,
    context.delimiter === 'SpaceOrTagEnd' ? '_html_template_nospaceescaper' : '_html_template_attrescaper',
  ];
}

function contentEscapers(context: Context): Escaper[] {
  switch (context.state) {
    case 'URL':
    case 'CSSDqStr':
    case 'CSSSqStr':
    case 'CSSDqURL':
    case 'CSSSqURL':
    case 'CSSURL':
      return urlEscapers(context);
    case 'MetaContentURL':
      return ['_html_template_urlfilter'];
    case 'JS':
      return ['_html_template_jsvalescaper'];
    case 'JSDqStr':
    case 'JSSqStr':
      return ['_html_template_jsstrescaper'];
    case 'JSTmplLit':
      return ['_html_template_jstmpllitescaper'];
    case 'JSRegexp':
      return ['_html_template_jsregexpescaper'];
    case 'CSS':
      return ['_html_template_cssvaluefilter'];
    case 'Text':
      return ['_html_template_htmlescaper'];
    case 'RCDATA':
      return ['_html_template_rcdataescaper'];
    case 'AttrName':
    case 'Tag':
      return ['_html_template_htmlnamefilter'];
    case 'Srcset':
      return ['_html_template_srcsetescaper'];
    default:
      return isComment(context.state) ? ['_html_template_commentescaper'] : [];
  }
}

function urlEscapers({ state, urlPart }: Context): Escaper[] {
  if (urlPart === 'QueryOrFrag') return ['_html_template_urlescaper'];
  const normalize: Escaper =
    state === 'CSSDqStr' || state === 'CSSSqStr' ? '_html_template_cssescaper' : '_html_template_urlnormalizer';
  return urlPart === 'None' ? ['_html_template_urlfilter', normalize] : [normalize];
}

export function isPredefinedEscaper(name: string): boolean {
  return name === 'html' || name === 'urlquery';
}

/** Escapers that a user's `html` or `urlquery` stands for as well. */
const EQUIVALENTS: ReadonlyMap<string, string> = new Map([
  ['_html_template_attrescaper', 'html'],
  ['_html_template_htmlescaper', 'html'],
  ['_html_template_rcdataescaper', 'html'],
  ['_html_template_urlescaper', 'urlquery'],
  ['_html_template_urlnormalizer', 'urlquery'],
]);

/** Escapers after which another has nothing to do. */
const REDUNDANT: ReadonlySet<string> = new Set([
  '_html_template_commentescaper _html_template_attrescaper',
  '_html_template_commentescaper _html_template_htmlescaper',
  '_html_template_cssescaper _html_template_attrescaper',
  '_html_template_jsregexpescaper _html_template_attrescaper',
  '_html_template_jsstrescaper _html_template_attrescaper',
  '_html_template_jstmpllitescaper _html_template_attrescaper',
  '_html_template_urlescaper _html_template_urlnormalizer',
]);

/** A pipeline that ends in the escapers; a user's own `html` or `urlquery` at its end takes the place of its equivalent.
 *  @see Go html/template/escape.go ensurePipelineContains */
export function withEscapers(pipe: PipeNode, escapers: readonly string[]): PipeNode {
  if (escapers.length === 0) return pipe;
  const { commands, wanted } = mergePredefined(pipe, escapers);
  const present = new Set(commands.map(functionName).map(normalized));
  const result = [...commands];
  for (const name of wanted) {
    const last = result.at(-1);
    const isRedundant = last !== undefined && REDUNDANT.has(`${functionName(last)} ${name}`);
    if (!present.has(normalized(name)) && !isRedundant) result.push(commandOf(name, pipe));
  }
  return { ...pipe, commands: result };
}

function mergePredefined(
  pipe: PipeNode,
  escapers: readonly string[],
): { commands: readonly CommandNode[]; wanted: readonly string[] } {
  const last = pipe.commands.at(-1)!;
  const predefined = functionName(last);
  if (predefined === undefined || !isPredefinedEscaper(predefined))
    return { commands: pipe.commands, wanted: escapers };
  let commands = pipe.commands;
  if (commands.length === 1 && last.args.length > 1) {
    // `html a b` becomes `_eval_args_ a b | html`, so that `html` can be merged.
    const evaluate = { ...last, args: [identifier('_eval_args_', last), ...last.args.slice(1)] };
    commands = [evaluate, commandOf(predefined, pipe)];
  }
  const isMerged = escapers.some((name) => normalized(name) === predefined);
  if (!isMerged) return { commands, wanted: escapers };
  return {
    commands: commands.slice(0, -1),
    wanted: escapers.map((name) => (normalized(name) === predefined ? predefined : name)),
  };
}

function functionName(command: CommandNode): string | undefined {
  const [first] = command.args;
  return first.kind === 'identifier' ? first.name : undefined;
}

function normalized(name: string | undefined): string | undefined {
  return name === undefined ? undefined : (EQUIVALENTS.get(name) ?? name);
}

function commandOf(name: string, at: PipeNode): CommandNode {
  return { kind: 'command', source: at.source, start: at.start, args: [identifier(name, at)] };
}

function identifier(name: string, at: PipeNode | CommandNode): CommandNode['args'][number] {
  return { kind: 'identifier', source: at.source, start: at.start, name };
}
