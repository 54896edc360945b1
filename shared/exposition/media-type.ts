/** The media type of a `Content-Type` header, in lower case, and its parameters by name in lower case. */
export interface MediaType {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const TOKEN = /^[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+/;

/** RFC 2045's tspecials: what may follow a backslash within quotes. */
const SPECIALS = '()<>@,;:\\"/[]?=';

/** Parses a `Content-Type` header as Go's `mime.ParseMediaType` does. Parameters continued by RFC 2231 (`version*0=…`) keep
 *  their names as written. Returns the problem in Go's words when it does not parse.
 *  @see go/src/mime/mediatype.go */
export function parseMediaType(header: string): MediaType | string {
  const end = header.indexOf(';');
  const type = (end < 0 ? header : header.slice(0, end)).toLowerCase().trim();
  const problem = typeProblem(type);
  if (problem !== undefined) return problem;
  const parameters = new Map<string, string>();
  for (let rest = end < 0 ? '' : header.slice(end).trimStart(); rest !== ''; ) {
    const parameter = takeParameter(rest);
    if (parameter === undefined) {
      if (rest.trim() === ';') break;
      return 'mime: invalid media parameter';
    }
    const { name, value } = parameter;
    if ((parameters.get(name) ?? value) !== value) return 'mime: duplicate parameter name';
    parameters.set(name, value);
    rest = parameter.rest.trimStart();
  }
  return { type, parameters };
}

function typeProblem(type: string): string | undefined {
  const main = TOKEN.exec(type)?.[0];
  if (main === undefined) return 'mime: no media type';
  if (main === type) return undefined;
  if (type[main.length] !== '/') return 'mime: expected slash after first token';
  const subtype = TOKEN.exec(type.slice(main.length + 1))?.[0];
  if (subtype === undefined) return 'mime: expected token after slash';
  return main.length + 1 + subtype.length < type.length ? 'mime: unexpected content after media subtype' : undefined;
}

interface Parameter {
  readonly name: string;
  readonly value: string;
  readonly rest: string;
}

/** Reads `; name=value` from the start of `text`. */
function takeParameter(text: string): Parameter | undefined {
  if (text[0] !== ';') return undefined;
  const start = text.slice(1).trimStart();
  const name = TOKEN.exec(start)?.[0];
  if (name === undefined) return undefined;
  const equal = start.slice(name.length).trimStart();
  if (equal[0] !== '=') return undefined;
  const valueText = equal.slice(1).trimStart();
  const value = valueText[0] === '"' ? takeQuoted(valueText) : takeToken(valueText);
  return value === undefined ? undefined : { name: name.toLowerCase(), ...value };
}

function takeToken(text: string): Omit<Parameter, 'name'> | undefined {
  const value = TOKEN.exec(text)?.[0];
  return value === undefined ? undefined : { value, rest: text.slice(value.length) };
}

function takeQuoted(text: string): Omit<Parameter, 'name'> | undefined {
  let value = '';
  for (let i = 1; i < text.length; i++) {
    if (text[i] === '"') return { value, rest: text.slice(i + 1) };
    if (text[i] === '\r' || text[i] === '\n') return undefined;
    // Other backslashes are literal: some clients send Windows paths.
    if (text[i] === '\\' && i + 1 < text.length && SPECIALS.includes(text[i + 1])) i++;
    value += text[i];
  }
  return undefined;
}
