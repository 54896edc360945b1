/** Sends e-mail: by SMTP or SES in production; into the outbox folder as `.eml` where no SMTP server is configured. */
export interface Mailer {
  /** Resolves once the server has taken the message for all recipients. Sending one `messageId` again is allowed
   *  and, for the outbox, changes nothing.
   *  @throws {DeliveryError} */
  send(mail: Mail): Promise<void>;
}

export interface Mail {
  /** RFC 5322 Message-ID without the angle brackets. */
  readonly messageId: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text?: string;
  readonly html?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Where to send it; absent: the default of the process. */
  readonly smtp?: SmtpServer;
}

export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** The name to greet with. */
  readonly hello: string;
  readonly requireTls: boolean;
  /** TLS from the first byte (port 465). */
  readonly implicitTls: boolean;
  readonly insecureSkipVerify?: boolean;
  readonly serverName?: string;
  readonly username?: string;
  readonly password?: string;
}
