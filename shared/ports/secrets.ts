/** Reads secrets by reference: `env:NAME`, `file:PATH` locally; `secretsmanager:ARN`, `ssm:NAME` in the cloud. */
export interface Secrets {
  /** @throws {Error} When there is none, or it is empty. The message names the reference, never the secret. */
  get(reference: string): Promise<string>;
}
