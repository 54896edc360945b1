/** Keeps secrets out of texts: those that it was told of, and what stands under a name that secrets have. */
export interface Redaction {
  /** From now on the text is shown as `<secret>`, wherever it stands in another one. */
  hide(secret: string): void;
  /** A replacer for `JSON.stringify`: masks, and makes objects of errors. */
  readonly replace: (name: string, value: unknown) => unknown;
  /** The text with its secrets masked. */
  mask(text: string): string;
}

const MASK = '<secret>';
/** Shorter texts stand in many others that have nothing to do with them. */
const MIN_SECRET_LENGTH = 4;
const SECRET_NAMES =
  /^(?:authorization|proxy-authorization|cookie|set-cookie|x-api-key|.*(?:password|passwd|secret|token|credentials?))$/i;
/** The password of `https://user:password@host`. */
const URL_PASSWORD = /(:\/\/[^/\s:@"]{0,200}:)[^/\s@"]{1,200}@/g;

/** A redaction that knows no secret yet. */
export function createRedaction(): Redaction {
  const secrets = new Set<string>();
  const mask = (text: string) => {
    let shown = text;
    for (const secret of secrets) shown = shown.replaceAll(secret, MASK);
    return shown.includes('://') ? shown.replaceAll(URL_PASSWORD, `$1${MASK}@`) : shown;
  };
  return {
    hide(secret) {
      // In JSON, and as a part of a URL, a secret is written otherwise.
      for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), secret.trim()]) {
        if (form.length >= MIN_SECRET_LENGTH) secrets.add(form);
      }
    },
    mask,
    replace(name, value) {
      if (typeof value === 'string') return SECRET_NAMES.test(name) && value !== '' ? MASK : mask(value);
      if (value instanceof Error) {
        // Not what else it holds: the answer of a service may be among it.
        return { name: value.name, message: value.message, stack: value.stack, cause: value.cause };
      }
      return value;
    },
  };
}
