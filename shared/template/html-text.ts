import { quote } from './go-string.ts';
import { isJsType } from './html-attributes.ts';
import {
  type Context,
  type Delimiter,
  type Element,
  failed,
  isComment,
  isInTag,
  isScriptLiteral,
  TEXT_CONTEXT,
} from './html-context.ts';
import { decodeEntities } from './html-entities.ts';
import { indexOfTagEnd, type Step, transition } from './html-transition.ts';

/** What ends an attribute's value. */
const DELIMITER_ENDS: Readonly<Record<Exclude<Delimiter, 'None'>, RegExp>> = {
  DoubleQuote: /"/,
  SingleQuote: /'/,
  SpaceOrTagEnd: /[ \t\n\f\r>]/,
};

/** Goes over a template's literal text: a `<` that begins no tag becomes `&lt;`, comments are left out.
 *  @returns The context after it, and the text to write where that differs. */
export function escapeTextNode(
  from: Context,
  text: string,
): { readonly context: Context; readonly text: string | undefined } {
  let context = from;
  let at = 0;
  let out = '';
  let written = 0;
  const tagEnds = new TagEnds(text);
  while (at < text.length) {
    const step = contextAfter(context, text.slice(at), tagEnds.from(context, at));
    const end = at + step.read;
    const next = step.context;
    if (context.state === 'Text' || context.state === 'RCDATA') {
      const textEnd = next.state === context.state ? end : tagStart(text, at, end);
      for (let i = text.indexOf('<', at); i >= 0 && i < textEnd; i = text.indexOf('<', i + 1)) {
        if (isDoctype(text, i)) continue;
        out += `${text.slice(written, i)}&lt;`;
        written = i + 1;
      }
    } else if (isComment(context.state) && context.delimiter === 'None') {
      out += commentReplacement(context, text.slice(written, end));
      written = end;
    }
    if (context.state !== next.state && isComment(next.state) && next.delimiter === 'None') {
      out += text.slice(written, end - commentStartLength(next));
      written = end;
    }
    if (isScriptLiteral(context.state) && SCRIPT_TAG.test(text.slice(at, end))) {
      out += text.slice(written, at) + text.slice(at, end).replace(EVERY_SCRIPT_TAG, '\\x3C$1');
      written = end;
    }
    if (step.read === 0 && context.state === next.state)
      throw new RangeError(`Cannot escape "${text}": no progress at ${at}`);
    context = next;
    at = end;
  }
  if (written === 0 || context.state === 'Error') return { context, text: undefined };
  const rest = isComment(context.state) && context.delimiter === 'None' ? '' : text.slice(written);
  return { context, text: out + rest };
}

/** Finds end tags, remembering the last one found, so that a long script is not searched anew for each of its tokens. */
class TagEnds {
  readonly #text: string;
  #element: Element = 'None';
  #searchedFrom = 0;
  #found = -1;

  constructor(text: string) {
    this.#text = text;
  }

  /** The distance from `at` to the end tag of the context's element, -1 where there is none. */
  from(context: Context, at: number): number {
    const { element } = context;
    if (element === 'None' || (element === 'Script' && (isScriptLiteral(context.state) || isComment(context.state))))
      return -1;
    const isKnown = element === this.#element && this.#searchedFrom <= at && (this.#found < 0 || this.#found >= at);
    if (!isKnown) {
      const distance = indexOfTagEnd(context, this.#text.slice(at));
      this.#element = element;
      this.#searchedFrom = at;
      this.#found = distance < 0 ? -1 : at + distance;
    }
    return this.#found < 0 ? -1 : this.#found - at;
  }
}

/** Tags that change how a script element is read, even inside of its strings. */
const SCRIPT_TAG = /<(script|\/script|!--)/i;
const EVERY_SCRIPT_TAG = /<(script|\/script|!--)/gi;

function tagStart(text: string, from: number, end: number): number {
  const at = text.lastIndexOf('<', end - 1);
  return at < from ? end : at;
}

function isDoctype(text: string, at: number): boolean {
  return text.slice(at, at + 9).toUpperCase() === '<!DOCTYPE';
}

/** A script comment with a line break separates statements; any comment separates words. */
function commentReplacement({ state }: Context, comment: string): string {
  if (state === 'JSBlockCmt') return /[\n\r\u2028\u2029]/.test(comment) ? '\n' : ' ';
  return state === 'CSSBlockCmt' ? ' ' : '';
}

function commentStartLength({ state }: Context): number {
  if (state === 'HTMLCmt' || state === 'JSHTMLOpenCmt') return '<!--'.length;
  return state === 'JSHTMLCloseCmt' ? '-->'.length : '//'.length;
}

/** The context after the start of a text. Outside of attributes an end tag such as `</script>` goes before everything else;
 *  inside, the attribute's delimiter does. */
function contextAfter(context: Context, text: string, tagEnd: number): Step {
  if (context.delimiter === 'None') {
    return tagEnd === 0
      ? { context: TEXT_CONTEXT, read: 0 }
      : transition(context, tagEnd < 0 ? text : text.slice(0, tagEnd));
  }
  const found = text.search(DELIMITER_ENDS[context.delimiter]);
  const end = found < 0 ? text.length : found;
  const value = text.slice(0, end);
  if (context.delimiter === 'SpaceOrTagEnd') {
    const bad = /["'<=`]/.exec(value);
    if (bad !== null)
      return { context: failed(`${quote(bad[0])} in unquoted attr: ${quote(value)}`), read: text.length };
  }
  if (found < 0) return { context: insideAttribute(context, text), read: text.length };
  const isOtherScript =
    context.state === 'Attr' && context.element === 'Script' && context.attribute === 'ScriptType' && !isJsType(value);
  const after = { ...TEXT_CONTEXT, state: 'Tag', element: isOtherScript ? 'None' : context.element } as const;
  return { context: after, read: context.delimiter === 'SpaceOrTagEnd' ? end : end + 1 };
}

function insideAttribute(from: Context, text: string): Context {
  let context = from;
  let rest = decodeEntities(text);
  while (rest !== '') {
    const step = transition(context, rest);
    context = step.context;
    rest = rest.slice(step.read);
  }
  return context;
}

/** The text of a piece of HTML without its tags and comments, character references as they are. */
export function stripTags(html: string): string {
  let context: Context = TEXT_CONTEXT;
  let at = 0;
  let out = '';
  let isAllText = true;
  while (at < html.length) {
    if (context.delimiter !== 'None') {
      const found = html.slice(at).search(DELIMITER_ENDS[context.delimiter]);
      if (found < 0) break;
      at += found + (context.delimiter === 'SpaceOrTagEnd' ? 0 : 1);
      context = { ...TEXT_CONTEXT, state: 'Tag', element: context.element };
      continue;
    }
    const state = context.element !== 'None' && !isInTag(context.state) ? 'RCDATA' : context.state;
    const step = transition({ ...context, state }, html.slice(at));
    const end = at + step.read;
    if (context.state === 'Text' || context.state === 'RCDATA') {
      out += html.slice(at, step.context.state === context.state ? end : tagStart(html, at, end));
    } else isAllText = false;
    context = step.context;
    at = end;
  }
  if (isAllText) return html;
  return context.state === 'Text' || context.state === 'RCDATA' ? out + html.slice(at) : out;
}
