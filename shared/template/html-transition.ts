import { quote } from './go-string.ts';
import { attributeType } from './html-attributes.ts';
import {
  ATTRIBUTE_STATES,
  type Attribute,
  type Context,
  type Element,
  failed,
  isComment,
  isScriptLiteral,
  type JsSlash,
  type State,
  TEXT_CONTEXT,
} from './html-context.ts';
import { decodeCss, endsWithCssKeyword } from './html-css.ts';

/** The context after a piece of text and how much of the text that covers. */
export interface Step {
  readonly context: Context;
  /** In UTF-16 units from the start of the text; may be 0 when only the context changes. */
  readonly read: number;
}

/** Goes on from a context over the start of a text.
 *  @see Go html/template/transition.go */
export function transition(context: Context, text: string): Step {
  switch (context.state) {
    case 'Text':
      return inText(context, text);
    case 'Tag':
      return inTag(context, text);
    case 'AttrName':
      return inAttributeName(context, text);
    case 'AfterName':
      return afterName(context, text);
    case 'BeforeValue':
      return beforeValue(context, text);
    case 'HTMLCmt':
      return inHtmlComment(context, text);
    case 'RCDATA':
      return specialTagEnd(context, text);
    case 'URL':
    case 'Srcset':
      return inUrl(context, text);
    case 'MetaContent':
      return inMetaContent(context, text);
    case 'MetaContentURL':
      return inMetaContentUrl(context, text);
    case 'JS':
      return inJs(context, text);
    case 'JSDqStr':
    case 'JSSqStr':
    case 'JSRegexp':
      return inJsDelimited(context, text);
    case 'JSTmplLit':
      return inJsTemplate(context, text);
    case 'JSBlockCmt':
    case 'CSSBlockCmt':
      return inBlockComment(context, text);
    case 'JSLineCmt':
    case 'JSHTMLOpenCmt':
    case 'JSHTMLCloseCmt':
    case 'CSSLineCmt':
      return inLineComment(context, text);
    case 'CSS':
      return inCss(context, text);
    case 'CSSDqStr':
    case 'CSSSqStr':
    case 'CSSDqURL':
    case 'CSSSqURL':
    case 'CSSURL':
      return inCssString(context, text);
    default:
      return { context, read: text.length };
  }
}

function inText(context: Context, text: string): Step {
  for (let at = text.indexOf('<'); at >= 0 && at + 1 < text.length; at = text.indexOf('<', at + 1)) {
    if (text.startsWith('<!--', at)) return { context: { ...TEXT_CONTEXT, state: 'HTMLCmt' }, read: at + 4 };
    const isEnd = text[at + 1] === '/';
    const name = tagNameAt(text, at + (isEnd ? 2 : 1));
    if (name === '') continue;
    const element = isEnd ? 'None' : (ELEMENTS.get(name.toLowerCase()) ?? 'None');
    return { context: { ...TEXT_CONTEXT, state: 'Tag', element }, read: at + (isEnd ? 2 : 1) + name.length };
  }
  return { context, read: text.length };
}

const ELEMENTS: ReadonlyMap<string, Element> = new Map<string, Element>([
  ['script', 'Script'],
  ['style', 'Style'],
  ['textarea', 'Textarea'],
  ['title', 'Title'],
  ['meta', 'Meta'],
]);

const TAG_NAME = /[A-Za-z](?:[A-Za-z0-9]|[:-][A-Za-z0-9])*/y;

function tagNameAt(text: string, at: number): string {
  TAG_NAME.lastIndex = at;
  return TAG_NAME.exec(text)?.[0] ?? '';
}

const CONTENT_STATES: Readonly<Record<Element, State>> = {
  None: 'Text',
  Script: 'JS',
  Style: 'CSS',
  Textarea: 'RCDATA',
  Title: 'RCDATA',
  Meta: 'Text',
};

function inTag(context: Context, text: string): Step {
  const at = skipSpace(text, 0);
  if (at === text.length) return { context, read: at };
  const { element } = context;
  if (text[at] === '>') {
    const content = element === 'Meta' ? TEXT_CONTEXT : { ...TEXT_CONTEXT, state: CONTENT_STATES[element], element };
    return { context: content, read: at + 1 };
  }
  const end = attributeNameEnd(text, at);
  if (typeof end !== 'number') return { context: end, read: text.length };
  if (end === at) {
    return {
      context: failed(`expected space, attr name, or end of tag, but got ${quote(text.slice(at))}`),
      read: text.length,
    };
  }
  const attribute = attributeOf(text.slice(at, end).toLowerCase(), element);
  return {
    context: { ...TEXT_CONTEXT, state: end === text.length ? 'AttrName' : 'AfterName', element, attribute },
    read: end,
  };
}

function attributeOf(name: string, element: Element): Attribute {
  if (element === 'Script' && name === 'type') return 'ScriptType';
  if (element === 'Meta' && name === 'content') return 'MetaContent';
  switch (attributeType(name)) {
    case 'url':
      return 'URL';
    case 'css':
      return 'Style';
    case 'js':
      return 'Script';
    case 'srcset':
      return 'Srcset';
    default:
      return 'None';
  }
}

function inAttributeName(context: Context, text: string): Step {
  const end = attributeNameEnd(text, 0);
  if (typeof end !== 'number') return { context: end, read: text.length };
  return { context: end === text.length ? context : { ...context, state: 'AfterName' }, read: end };
}

function afterName(context: Context, text: string): Step {
  const at = skipSpace(text, 0);
  if (at === text.length) return { context, read: at };
  if (text[at] !== '=') return { context: { ...context, state: 'Tag' }, read: at };
  return { context: { ...context, state: 'BeforeValue' }, read: at + 1 };
}

function beforeValue(context: Context, text: string): Step {
  const at = skipSpace(text, 0);
  if (at === text.length) return { context, read: at };
  const state = ATTRIBUTE_STATES[context.attribute];
  if (text[at] === "'") return { context: { ...context, state, delimiter: 'SingleQuote' }, read: at + 1 };
  if (text[at] === '"') return { context: { ...context, state, delimiter: 'DoubleQuote' }, read: at + 1 };
  return { context: { ...context, state, delimiter: 'SpaceOrTagEnd' }, read: at };
}

function inHtmlComment(context: Context, text: string): Step {
  const end = text.indexOf('-->');
  return end < 0 ? { context, read: text.length } : { context: TEXT_CONTEXT, read: end + 3 };
}

function specialTagEnd(context: Context, text: string): Step {
  const end = indexOfTagEnd(context, text);
  return end < 0 ? { context, read: text.length } : { context: TEXT_CONTEXT, read: end };
}

/** Where the end tag of an element whose content is not HTML begins, -1 where there is none.
 *  End tags in the strings and comments of a script do not count. */
export function indexOfTagEnd({ element, state }: Context, text: string): number {
  if (element === 'None' || (element === 'Script' && (isScriptLiteral(state) || isComment(state)))) return -1;
  return text.search(TAG_ENDS[element]);
}

const TAG_ENDS: Readonly<Record<Exclude<Element, 'None'>, RegExp>> = {
  Script: /<\/script[> \t\n\f/]/i,
  Style: /<\/style[> \t\n\f/]/i,
  Textarea: /<\/textarea[> \t\n\f/]/i,
  Title: /<\/title[> \t\n\f/]/i,
  Meta: /<\/[> \t\n\f/]/,
};

/** Everything before `?` or `#` is the first part of a URL. */
function inUrl(context: Context, text: string): Step {
  if (/[#?]/.test(text)) return { context: { ...context, urlPart: 'QueryOrFrag' }, read: text.length };
  const isStarted = skipSpace(text, 0) !== text.length && context.urlPart === 'None';
  return { context: isStarted ? { ...context, urlPart: 'PreQuery' } : context, read: text.length };
}

function inMetaContent(context: Context, text: string): Step {
  const match = /url[ \t\n\f\r]*=/i.exec(text);
  if (match === null) return { context, read: text.length };
  return { context: { ...context, state: 'MetaContentURL' }, read: match.index + match[0].length };
}

function inMetaContentUrl(context: Context, text: string): Step {
  const end = text.indexOf(';');
  return end < 0 ? { context, read: text.length } : { context: { ...context, state: 'MetaContent' }, read: end + 1 };
}

function inJs(context: Context, text: string): Step {
  const at = text.search(/["`'/{}<\-#]/);
  if (at < 0) return { context: { ...context, jsSlash: slashAfter(text, context.jsSlash) }, read: text.length };
  const here = { ...context, jsSlash: slashAfter(text.slice(0, at), context.jsSlash) };
  const literal = JS_LITERALS.get(text[at]);
  if (literal !== undefined) return { context: { ...here, state: literal, jsSlash: 'Regexp' }, read: at + 1 };
  switch (text[at]) {
    case '/':
      return jsSlash(here, text, at);
    case '{':
    case '}':
      return jsBrace(here, text, at);
    case '<':
      if (text.startsWith('<!--', at)) return { context: { ...here, state: 'JSHTMLOpenCmt' }, read: at + 4 };
      break;
    case '-':
      if (text.startsWith('-->', at)) return { context: { ...here, state: 'JSHTMLCloseCmt' }, read: at + 3 };
      break;
    default:
      if (text[at + 1] === '!') return { context: { ...here, state: 'JSLineCmt' }, read: at + 2 };
  }
  return { context: here, read: at + 1 };
}

const JS_LITERALS: ReadonlyMap<string, State> = new Map<string, State>([
  ['"', 'JSDqStr'],
  ["'", 'JSSqStr'],
  ['`', 'JSTmplLit'],
]);

function jsSlash(context: Context, text: string, at: number): Step {
  if (text[at + 1] === '/') return { context: { ...context, state: 'JSLineCmt' }, read: at + 2 };
  if (text[at + 1] === '*') return { context: { ...context, state: 'JSBlockCmt' }, read: at + 2 };
  if (context.jsSlash === 'Regexp') return { context: { ...context, state: 'JSRegexp' }, read: at + 1 };
  if (context.jsSlash === 'DivOp') return { context: { ...context, jsSlash: 'Regexp' }, read: at + 1 };
  const shown = [...text.slice(at)].slice(0, 32).join('');
  return { context: failed(`'/' could start a division or regexp: ${quote(shown)}`), read: text.length };
}

/** Braces only matter inside `${…}` of a template literal, whose end they hide. */
function jsBrace(context: Context, text: string, at: number): Step {
  const jsSlash = slashAfter(text[at], context.jsSlash);
  const { jsBraces } = context;
  if (jsBraces.length === 0) return { context: { ...context, jsSlash }, read: at + 1 };
  const outer = jsBraces.slice(0, -1);
  const depth = jsBraces.at(-1)! + (text[at] === '{' ? 1 : -1);
  if (depth >= 0) return { context: { ...context, jsSlash, jsBraces: [...outer, depth] }, read: at + 1 };
  return { context: { ...context, state: 'JSTmplLit', jsBraces: outer }, read: at + 1 };
}

function inJsTemplate(context: Context, text: string): Step {
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') {
      if (++at === text.length) return { context: unfinished('JS', text), read: text.length };
      continue;
    }
    if (text[at] === '$' && text[at + 1] === '{') {
      return { context: { ...context, state: 'JS', jsBraces: [...context.jsBraces, 0] }, read: at + 2 };
    }
    if (text[at] === '`') return { context: { ...context, state: 'JS' }, read: at + 1 };
  }
  return { context, read: text.length };
}

function unfinished(language: string, text: string): Context {
  return failed(`unfinished escape sequence in ${language} string: ${quote(text)}`);
}

function inJsDelimited(context: Context, text: string): Step {
  const end = context.state === 'JSDqStr' ? '"' : context.state === 'JSSqStr' ? "'" : '/';
  let inCharset = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '\\') {
      if (++at === text.length) return { context: unfinished('JS', text), read: text.length };
    } else if (end === '/' && char === '[') inCharset = true;
    else if (end === '/' && char === ']') inCharset = false;
    else if (char === end && !inCharset) {
      // `</script` in a regular expression is made harmless later and does not end it.
      if (end !== '/' || text.slice(Math.max(at - 1, 0), at + 7).toLowerCase() !== '</script') {
        return { context: { ...context, state: 'JS', jsSlash: 'DivOp' }, read: at + 1 };
      }
    }
  }
  if (inCharset) return { context: failed(`unfinished JS regexp charset: ${quote(text)}`), read: text.length };
  return { context, read: text.length };
}

function inBlockComment(context: Context, text: string): Step {
  const end = text.indexOf('*/');
  if (end < 0) return { context, read: text.length };
  return { context: { ...context, state: context.state === 'JSBlockCmt' ? 'JS' : 'CSS' }, read: end + 2 };
}

function inLineComment(context: Context, text: string): Step {
  const isCss = context.state === 'CSSLineCmt';
  const end = text.search(isCss ? /[\n\f\r]/ : /[\n\r\u2028\u2029]/);
  return end < 0 ? { context, read: text.length } : { context: { ...context, state: isCss ? 'CSS' : 'JS' }, read: end };
}

function inCss(context: Context, text: string): Step {
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '(':
        if (endsWithCssKeyword(text.slice(0, spaceStart(text, at)), 'url')) return cssUrl(context, text, at + 1);
        break;
      case '/':
        if (text[at + 1] === '/') return { context: { ...context, state: 'CSSLineCmt' }, read: at + 2 };
        if (text[at + 1] === '*') return { context: { ...context, state: 'CSSBlockCmt' }, read: at + 2 };
        break;
      case '"':
        return { context: { ...context, state: 'CSSDqStr' }, read: at + 1 };
      case "'":
        return { context: { ...context, state: 'CSSSqStr' }, read: at + 1 };
    }
  }
  return { context, read: text.length };
}

function cssUrl(context: Context, text: string, from: number): Step {
  const at = skipSpace(text, from);
  if (text[at] === '"') return { context: { ...context, state: 'CSSDqURL' }, read: at + 1 };
  if (text[at] === "'") return { context: { ...context, state: 'CSSSqURL' }, read: at + 1 };
  return { context: { ...context, state: 'CSSURL' }, read: at };
}

function inCssString(context: Context, text: string): Step {
  const isQuoted = context.state !== 'CSSURL';
  const quoteChar = context.state === 'CSSDqStr' || context.state === 'CSSDqURL' ? '"' : "'";
  const isEnd = (char: string) => (isQuoted ? char === quoteChar : '\t\n\f\r )'.includes(char));
  let here = context;
  let from = 0;
  let lastEscape = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') {
      if (++at === text.length) return { context: unfinished('CSS', text), read: text.length };
      here = inUrl(here, decodeCss(text.slice(lastEscape, at + 1))).context;
      lastEscape = at - 1;
      from = at + 1;
    } else if (isEnd(text[at])) return { context: { ...here, state: 'CSS' }, read: at + 1 };
  }
  return { context: inUrl(here, decodeCss(text.slice(from))).context, read: text.length };
}

/** The end of the attribute name at `at`, or the context of an error. */
function attributeNameEnd(text: string, at: number): number | Context {
  for (let end = at; end < text.length; end++) {
    const char = text[end];
    if (' \t\n\f\r=>'.includes(char)) return end;
    if (char === "'" || char === '"' || char === '<') {
      return failed(`${quote(char)} in attribute name: ${quote([...text].slice(0, 32).join(''))}`);
    }
  }
  return text.length;
}

/** Where the spaces before `end` begin. */
function spaceStart(text: string, end: number): number {
  let at = end;
  while (at > 0 && ' \t\n\f\r'.includes(text[at - 1])) at--;
  return at;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\n\f\r'.includes(text[at])) at++;
  return at;
}

const REGEXP_KEYWORDS: ReadonlySet<string> = new Set([
  'break',
  'case',
  'continue',
  'delete',
  'do',
  'else',
  'finally',
  'in',
  'instanceof',
  'return',
  'throw',
  'try',
  'typeof',
  'void',
]);

/** What a slash after JavaScript tokens is: after an operator, an open bracket or a keyword it begins a regular expression.
 *  @see Go html/template/js.go nextJSCtx */
function slashAfter(tokens: string, preceding: JsSlash): JsSlash {
  const text = tokens.trimEnd();
  if (text === '') return preceding;
  const last = text.at(-1)!;
  if (last === '+' || last === '-') {
    let count = 0;
    while (text.at(-1 - count) === last) count++;
    return count % 2 === 1 ? 'Regexp' : 'DivOp';
  }
  if (last === '.') return /[0-9]/.test(text.at(-2) ?? '') ? 'DivOp' : 'Regexp';
  if (',<>=*%&|^?!~([:;{}'.includes(last)) return 'Regexp';
  let start = text.length;
  while (start > 0 && /[$0-9A-Za-z_]/.test(text[start - 1])) start--;
  return REGEXP_KEYWORDS.has(text.slice(start)) ? 'Regexp' : 'DivOp';
}
