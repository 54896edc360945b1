/** An answer to a request: a `Response` as plain data, which costs a tenth of one. */
export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** All of it, or as it is made; `null` where there is none. */
  readonly body: AnswerBody;
}

export type AnswerBody = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>> | null;

/** The same as the web platform has it. */
export function toResponse({ status, headers, body }: Answer): Response {
  return new Response(body, { status, headers });
}

/** A web response as an answer. */
export function fromResponse({ status, headers, body }: Response): Answer {
  return { status, headers: Object.fromEntries(headers), body };
}
