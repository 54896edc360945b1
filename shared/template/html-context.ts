import type { Node } from './ast.ts';

/** Where in an HTML document an action stands, as far as escaping depends on it. The names are those of Go's html/template,
 *  as they appear in its error messages.
 *  @see Go html/template/context.go */
export type State =
  | 'Text'
  | 'Tag'
  | 'AttrName'
  | 'AfterName'
  | 'BeforeValue'
  | 'HTMLCmt'
  | 'RCDATA'
  | 'Attr'
  | 'URL'
  | 'Srcset'
  | 'JS'
  | 'JSDqStr'
  | 'JSSqStr'
  | 'JSTmplLit'
  | 'JSRegexp'
  | 'JSBlockCmt'
  | 'JSLineCmt'
  | 'JSHTMLOpenCmt'
  | 'JSHTMLCloseCmt'
  | 'CSS'
  | 'CSSDqStr'
  | 'CSSSqStr'
  | 'CSSDqURL'
  | 'CSSSqURL'
  | 'CSSURL'
  | 'CSSBlockCmt'
  | 'CSSLineCmt'
  | 'Error'
  | 'MetaContent'
  | 'MetaContentURL'
  | 'Dead';

export type Delimiter = 'None' | 'DoubleQuote' | 'SingleQuote' | 'SpaceOrTagEnd';
export type UrlPart = 'None' | 'PreQuery' | 'QueryOrFrag' | 'Unknown';
/** Whether a slash begins a regular expression or is a division. */
export type JsSlash = 'Regexp' | 'DivOp' | 'Unknown';
export type Attribute = 'None' | 'Script' | 'ScriptType' | 'Style' | 'URL' | 'Srcset' | 'MetaContent';
export type Element = 'None' | 'Script' | 'Style' | 'Textarea' | 'Title' | 'Meta';

export interface HtmlProblem {
  readonly description: string;
  readonly node?: Node;
  readonly line?: number;
}

export interface Context {
  readonly state: State;
  readonly delimiter: Delimiter;
  readonly urlPart: UrlPart;
  readonly jsSlash: JsSlash;
  /** Open braces inside each `${` of JavaScript template literals. */
  readonly jsBraces: readonly number[];
  readonly attribute: Attribute;
  readonly element: Element;
  /** In state Error: why. */
  readonly problem?: HtmlProblem;
  /** The `{{break}}` or `{{continue}}` that left the loop here. */
  readonly exit?: Node & { readonly line: number };
}

export const TEXT_CONTEXT: Context = {
  state: 'Text',
  delimiter: 'None',
  urlPart: 'None',
  jsSlash: 'Regexp',
  jsBraces: [],
  attribute: 'None',
  element: 'None',
};

export function failed(description: string, place: Omit<HtmlProblem, 'description'> = {}): Context {
  return { ...TEXT_CONTEXT, state: 'Error', problem: { ...place, description } };
}

export function sameContext(a: Context, b: Context): boolean {
  return (
    a.state === b.state &&
    a.delimiter === b.delimiter &&
    a.urlPart === b.urlPart &&
    a.jsSlash === b.jsSlash &&
    a.jsBraces.join() === b.jsBraces.join() &&
    a.attribute === b.attribute &&
    a.element === b.element &&
    a.problem === b.problem
  );
}

export function showContext(context: Context): string {
  const { state, delimiter, urlPart, jsSlash, jsBraces, attribute, element } = context;
  return `{state${state} delim${delimiter} urlPart${urlPart} jsCtx${jsSlash} [${jsBraces.join(' ')}] attr${attribute} element${element} <nil>}`;
}

/** The name of a template when it is called in a context other than text. */
export function nameIn(context: Context, name: string): string {
  if (context.state === 'Text') return name;
  const { state, delimiter, urlPart, jsSlash, jsBraces, attribute, element } = context;
  let mangled = `${name}$htmltemplate_state${state}`;
  if (delimiter !== 'None') mangled += `_delim${delimiter}`;
  if (urlPart !== 'None') mangled += `_urlPart${urlPart}`;
  if (jsSlash !== 'Regexp') mangled += `_jsCtx${jsSlash}`;
  if (jsBraces.length > 0) mangled += `_jsBraceDepth([${jsBraces.join(' ')}])`;
  if (attribute !== 'None') mangled += `_attr${attribute}`;
  return element === 'None' ? mangled : `${mangled}_element${element}`;
}

/** The state in which an attribute's value begins. */
export const ATTRIBUTE_STATES: Readonly<Record<Attribute, State>> = {
  None: 'Attr',
  Script: 'JS',
  ScriptType: 'Attr',
  Style: 'CSS',
  URL: 'URL',
  Srcset: 'Srcset',
  MetaContent: 'MetaContent',
};

const COMMENTS: ReadonlySet<State> = new Set<State>([
  'HTMLCmt',
  'JSBlockCmt',
  'JSLineCmt',
  'JSHTMLOpenCmt',
  'JSHTMLCloseCmt',
  'CSSBlockCmt',
  'CSSLineCmt',
]);
const IN_TAG: ReadonlySet<State> = new Set<State>(['Tag', 'AttrName', 'AfterName', 'BeforeValue', 'Attr']);
const SCRIPT_LITERALS: ReadonlySet<State> = new Set<State>(['JSDqStr', 'JSSqStr', 'JSTmplLit', 'JSRegexp']);

export function isComment(state: State): boolean {
  return COMMENTS.has(state);
}

export function isInTag(state: State): boolean {
  return IN_TAG.has(state);
}

export function isScriptLiteral(state: State): boolean {
  return SCRIPT_LITERALS.has(state);
}

/** The context that an action sees, before which nothing was written: `<a href=` is in the value as soon as something follows. */
export function nudge(context: Context): Context {
  switch (context.state) {
    case 'Tag':
      return { ...context, state: 'AttrName' };
    case 'BeforeValue':
      return { ...context, state: ATTRIBUTE_STATES[context.attribute], delimiter: 'SpaceOrTagEnd', attribute: 'None' };
    case 'AfterName':
      return { ...context, state: 'AttrName', attribute: 'None' };
    default:
      return context;
  }
}
