/** Randomness as seen by domain code. */
export interface Random {
  /** A float in [0, 1). */
  next(): number;
  /** A random (version 4) UUID, lower case. */
  uuid(): string;
}
