/** Makes HTTP requests to places that users name: targets, receivers, service discovery. The only way out, so the
 *  adapter guards it: the final IP of every hop is checked before connecting. */
export interface HttpClient {
  /** Resolves with any HTTP status. Content-Encoding gzip is undone.
   *  @throws {HttpRequestError} When there is no whole answer. */
  request(request: HttpRequest): Promise<HttpResponse>;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** http: or https: */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** For the whole exchange, from name resolution to the last byte. */
  readonly timeoutMs: number;
  /** After decompression. */
  readonly maxBodyBytes: number;
  /** @default true. Credentials are not sent on to another host. */
  readonly followRedirects?: boolean;
  readonly tls?: TlsOptions;
  readonly proxyUrl?: string;
  readonly signal?: AbortSignal;
}

export interface TlsOptions {
  /** PEM texts. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly serverName?: string;
  readonly insecureSkipVerify?: boolean;
}

export interface HttpResponse {
  readonly status: number;
  readonly statusText: string;
  /** Names in lower case; repeated ones joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export type HttpFailure = 'timeout' | 'refused' | 'dns' | 'tls' | 'blocked' | 'too-large' | 'protocol' | 'aborted';

/** No whole answer came. The message is made for the targets page: what was tried and what went wrong, without secrets. */
export class HttpRequestError extends Error {
  readonly kind: HttpFailure;

  constructor(kind: HttpFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HttpRequestError';
    this.kind = kind;
  }
}
