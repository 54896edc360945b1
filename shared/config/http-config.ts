/** How to reach an HTTP endpoint: upstream's `<http_config>`, in what Emberwatch supports of it.
 *  Secrets are references for the `Secrets` port or texts from the file; texts are never shown. */
export interface HttpClientConfig {
  readonly basicAuth?: {
    readonly username: string;
    readonly usernameFile?: string;
    /** A reference for the `Secrets` port, as every `…Ref` here. */
    readonly usernameRef?: string;
    readonly password?: SecretText;
    readonly passwordFile?: string;
    readonly passwordRef?: string;
  };
  readonly authorization?: {
    readonly type: string;
    readonly credentials?: SecretText;
    readonly credentialsFile?: string;
    readonly credentialsRef?: string;
  };
  readonly followRedirects: boolean;
  readonly tls?: TlsConfig;
  readonly proxyUrl?: string;
  readonly httpHeaders?: Readonly<Record<string, HttpHeaderConfig>>;
}

/** The values of one header, from up to three places. */
export interface HttpHeaderConfig {
  readonly values?: readonly string[];
  readonly secrets?: readonly SecretText[];
  readonly files?: readonly string[];
}

export interface TlsConfig {
  readonly ca?: string;
  readonly caFile?: string;
  readonly caRef?: string;
  readonly cert?: string;
  readonly certFile?: string;
  readonly certRef?: string;
  readonly key?: SecretText;
  readonly keyFile?: string;
  readonly keyRef?: string;
  readonly serverName?: string;
  readonly insecureSkipVerify: boolean;
}

/** A secret written in a configuration file. Shown as `<secret>` by every encoder (`toJSON`, `toString`, inspect). */
export class SecretText {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The secret itself: to be handed to the place that needs it, and nowhere else. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '<secret>';
  }

  toJSON(): string {
    return '<secret>';
  }
}
