import { type FormatOptions, sprint } from './format.ts';
import { toBytes } from './go-string.ts';
import { attributeType, type ContentType } from './html-attributes.ts';
import { decodeCss } from './html-css.ts';
import { jsRegexpText, jsStringText, jsTemplateText, jsValue } from './html-js.ts';
import type { Escaper } from './html-pipeline.ts';
import { stripTags } from './html-text.ts';
import { dereference, INTERFACE, isTyped, type TemplateFunction, type Value } from './value.ts';

/** Written in place of a value that cannot be made safe; Go's word, to be found when it appears in a page. */
const UNSAFE = 'ZgotmplZ';

/** The functions that escaped pipelines end in.
 *  @see Go html/template/html.go, url.go, css.go, js.go */
export function htmlFunctions(options: FormatOptions): ReadonlyMap<string, TemplateFunction> {
  const text = (convert: (content: Content) => string) => (args: readonly Value[]) => convert(contentOf(args, options));
  const functions: Readonly<Record<Escaper, (args: readonly Value[]) => string>> = {
    _html_template_attrescaper: text(({ text: value, type }) =>
      type === 'html' ? normalizeHtml(stripTags(value)) : escapeHtmlText(value),
    ),
    _html_template_commentescaper: () => '',
    _html_template_cssescaper: text(({ text: value }) => escapeCss(value)),
    _html_template_cssvaluefilter: text(filterCssValue),
    _html_template_htmlnamefilter: text(filterName),
    _html_template_htmlescaper: text(({ text: value, type }) => (type === 'html' ? value : escapeHtmlText(value))),
    _html_template_jsregexpescaper: text(({ text: value }) => jsRegexpText(value)),
    _html_template_jsstrescaper: text(({ text: value, type }) => jsStringText(value, type === 'jsStr')),
    _html_template_jstmpllitescaper: text(({ text: value }) => jsTemplateText(value)),
    _html_template_jsvalescaper: (args) => jsValue(args, options),
    _html_template_nospaceescaper: text(escapeUnquoted),
    _html_template_rcdataescaper: text(({ text: value, type }) =>
      type === 'html' ? normalizeHtml(value) : escapeHtmlText(value),
    ),
    _html_template_srcsetescaper: text(escapeSrcset),
    _html_template_urlescaper: text(({ text: value, type }) => escapeUrl(value, type === 'url')),
    _html_template_urlfilter: text(({ text: value, type }) =>
      type === 'url' || isSafeUrl(value) ? value : `#${UNSAFE}`,
    ),
    _html_template_urlnormalizer: text(({ text: value }) => escapeUrl(value, true)),
    _eval_args_: (args) => sprint(args.map(dereference), options),
  };
  return new Map(
    Object.entries(functions).map(([name, convert]) => [
      name,
      { params: [INTERFACE], variadic: true, call: (...args) => convert(args) },
    ]),
  );
}

interface Content {
  readonly text: string;
  /** What the text is known to be, so that it needs no escaping there. */
  readonly type: ContentType;
}

const CONTENT_TYPES: ReadonlyMap<string, ContentType> = new Map<string, ContentType>([
  ['template.CSS', 'css'],
  ['template.HTML', 'html'],
  ['template.HTMLAttr', 'htmlAttr'],
  ['template.JS', 'js'],
  ['template.JSStr', 'jsStr'],
  ['template.URL', 'url'],
  ['template.Srcset', 'srcset'],
]);

function contentOf(args: readonly Value[], options: FormatOptions): Content {
  const [only] = args;
  if (args.length === 1 && typeof only === 'string') return { text: only, type: 'plain' };
  if (args.length === 1 && isTyped(only) && only.kind === 'string')
    return { text: only.value, type: CONTENT_TYPES.get(only.type.name) ?? 'plain' };
  const shown = args.filter((arg) => arg !== null && arg !== undefined).map(dereference);
  return { text: sprint(shown, options), type: 'plain' };
}

const HTML_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\0', '\ufffd'],
  ['"', '&#34;'],
  ['&', '&amp;'],
  ["'", '&#39;'],
  ['+', '&#43;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
]);

/** Escapes for text and quoted attributes. */
function escapeHtmlText(text: string): string {
  return text.replace(/[\0"&'+<>]/g, (char) => HTML_ESCAPES.get(char)!);
}

/** Like escapeHtmlText(), but leaves character references as they are. */
function normalizeHtml(text: string): string {
  return text.replace(/[\0"'+<>]/g, (char) => HTML_ESCAPES.get(char)!);
}

/** Escapes for an attribute without quotes, where spaces and `=` end the value too. */
function escapeUnquoted({ text, type }: Content): string {
  if (text === '') return UNSAFE;
  const source = (type === 'html' ? stripTags(text) : text).toWellFormed();
  return source.replace(/[\0\t\n\v\f\r "&'+<=>`\ufdd0-\ufdef\ufff0-\uffff]/g, (char) => {
    if (char === '&' && type === 'html') return char;
    return unquotedReference(char);
  });
}

function unquotedReference(char: string): string {
  if (char === '\0') return '&#xfffd;';
  if (char === '&' || char === '<' || char === '>') return HTML_ESCAPES.get(char)!;
  const code = char.charCodeAt(0);
  return code < 0x80 ? `&#${code};` : `&#x${code.toString(16)};`;
}

/** A name of an attribute or tag, but of none whose value would need escaping of its own. */
function filterName({ text, type }: Content): string {
  if (type === 'htmlAttr') return text;
  const name = text.toLowerCase();
  return name !== '' && attributeType(name) === 'plain' && /^[0-9a-z]+$/.test(name) ? name : UNSAFE;
}

/** Whether a URL is relative, or leads to a page or a mail program. */
function isSafeUrl(url: string): boolean {
  const colon = url.indexOf(':');
  const scheme = url.slice(0, Math.max(colon, 0));
  return colon < 0 || scheme.includes('/') || /^(?:http|https|mailto)$/i.test(scheme);
}

const UNRESERVED = /[A-Za-z0-9\-._~]/;
const RESERVED = /[!#$&*+,/:;=?@[\]]/;

/** Escapes for a URL's query, or, to normalize a whole URL, only what no URL may contain. */
function escapeUrl(text: string, normalize: boolean): string {
  const bytes = toBytes(text);
  const isHex = (byte: number | undefined) => byte !== undefined && /[0-9a-fA-F]/.test(String.fromCharCode(byte));
  let out = '';
  bytes.forEach((byte, i) => {
    const char = String.fromCharCode(byte);
    const isKept =
      UNRESERVED.test(char) ||
      (normalize && (RESERVED.test(char) || (char === '%' && isHex(bytes[i + 1]) && isHex(bytes[i + 2]))));
    out += isKept ? char : `%${byte.toString(16).padStart(2, '0')}`;
  });
  return out;
}

/** A list of image URLs with sizes; each URL is filtered. */
function escapeSrcset({ text, type }: Content): string {
  if (type === 'srcset') return text;
  if (type === 'url') return escapeUrl(text, true).replaceAll(',', '%2c');
  return text.split(',').map(filterImage).join(',');
}

function filterImage(image: string): string {
  const [, before, url, after] = /^([ \t\n\f\r]*)([^ \t\n\f\r]*)(.*)$/s.exec(image)!;
  if (!isSafeUrl(url) || !/^[ \t\n\f\rA-Za-z0-9]*$/.test(after)) return `#${UNSAFE}`;
  return before + escapeUrl(url, true) + after;
}

const CSS_SPECIAL = /[\0\t\n\f\r"&'()+/:;<>\\{}]/g;

/** Escapes for a CSS string. */
function escapeCss(text: string): string {
  return text.replace(CSS_SPECIAL, (char, at: number) => {
    if (char === '\\') return '\\\\';
    const next = text[at + 1];
    const needsEnd = next === undefined || /[0-9a-fA-F\t\n\f\r ]/.test(next);
    return `\\${char.charCodeAt(0).toString(16)}${needsEnd ? ' ' : ''}`;
  });
}

/** A CSS value that is a word, a number, a colour; nothing that could end the declaration or run a script. */
function filterCssValue({ text, type }: Content): string {
  if (type === 'css') return text;
  const value = decodeCss(text);
  if (/[\0"'()/;@[\\\]`{}<>]/.test(value) || value.includes('--')) return UNSAFE;
  const letters = value.replace(/[^A-Za-z0-9_-]/g, '').toLowerCase();
  return letters.includes('expression') || letters.includes('mozbinding') ? UNSAFE : value;
}
