/** The configuration's files: a folder locally, a prefix of the bucket in the cloud. Paths use `/`. */
export interface Files {
  /** The file's text (UTF-8).
   *  @throws {Error} When it cannot be read; the message names the path. */
  read(path: string): Promise<string>;
  /** Paths that match a glob (`*`, `?`, `[…]` within the last segment and folders), ordered; `[]` when none. */
  glob(pattern: string): Promise<readonly string[]>;
}
