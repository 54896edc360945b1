/** What an attribute's value is. `unsafe` ones change how the rest of the document or a request is read. */
export type ContentType = 'plain' | 'css' | 'html' | 'htmlAttr' | 'js' | 'jsStr' | 'url' | 'srcset' | 'unsafe';

const URL_ATTRIBUTES =
  'action archive background cite classid codebase data formaction href icon longdesc manifest poster profile src usemap xmlns';

const UNSAFE_ATTRIBUTES =
  'accept-charset async challenge charset content crossorigin defer enctype form formenctype formmethod formnovalidate http-equiv keytype language method novalidate pattern rel sandbox type value';

/** Attributes that the rules for unknown names (`on…`, `…src…`) must not catch. */
const PLAIN_ATTRIBUTES = 'srclang';

const TYPES: ReadonlyMap<string, ContentType> = new Map<string, ContentType>([
  ...words(URL_ATTRIBUTES, 'url'),
  ...words(UNSAFE_ATTRIBUTES, 'unsafe'),
  ...words(PLAIN_ATTRIBUTES, 'plain'),
  ['srcdoc', 'html'],
  ['srcset', 'srcset'],
  ['style', 'css'],
]);

function words(names: string, type: ContentType): [string, ContentType][] {
  return names.split(' ').map((name) => [name, type]);
}

/** The content type of an attribute by its lower-case name; for unknown names the more dangerous guess.
 *  @see Go html/template/attr.go */
export function attributeType(name: string): ContentType {
  const plain = plainName(name);
  if (plain === undefined) return 'url';
  const known = TYPES.get(plain);
  if (known !== undefined) return known;
  if (plain.startsWith('on')) return 'js';
  return /src|uri|url/.test(plain) ? 'url' : 'plain';
}

/** Without `data-` or a namespace; `undefined` for a declaration of a namespace. */
function plainName(name: string): string | undefined {
  if (name.startsWith('data-')) return name.slice(5);
  const colon = name.indexOf(':');
  if (colon < 0) return name;
  return name.slice(0, colon) === 'xmlns' ? undefined : name.slice(colon + 1);
}

const JS_TYPES: ReadonlySet<string> = new Set([
  '',
  'module',
  ...['ecmascript', 'javascript', 'json', 'ld+json', 'x-ecmascript', 'x-javascript'].map(
    (type) => `application/${type}`,
  ),
  ...['ecmascript', 'javascript', 'jscript', 'livescript', 'x-ecmascript', 'x-javascript'].map(
    (type) => `text/${type}`,
  ),
  ...['1.0', '1.1', '1.2', '1.3', '1.4', '1.5'].map((version) => `text/javascript${version}`),
]);

/** Whether a script element with this `type` is JavaScript (or JSON, which is escaped alike). */
export function isJsType(mimeType: string): boolean {
  return JS_TYPES.has(mimeType.split(';')[0].toLowerCase().trim());
}
