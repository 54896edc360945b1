/** A template that does not parse, or fails while it runs. The message is the one Go's text/template gives:
 *  `template: name:1:2: executing "name" at <.Foo>: …`. */
export class TemplateError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TemplateError';
  }
}

/** Thrown by a template function or method to say what is wrong with its arguments; the interpreter adds the place. */
export class FunctionError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FunctionError';
  }
}
