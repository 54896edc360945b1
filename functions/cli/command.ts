import type { ParseArgsOptionsConfig } from 'node:util';

/** Where a command writes. */
export interface CommandIo {
  readonly stdout: TextOutput;
  readonly stderr: { write(text: string): unknown };
}

/** As `process.stdout`. */
export interface TextOutput {
  /** @returns False when more should wait for `drain`. */
  write(text: string): unknown;
  once?(event: 'drain', listener: () => void): unknown;
}

/** Writes what is followed by more, as fast as it is read: a pipe keeps in memory what it is given too early. */
export async function writeInPace(output: TextOutput, text: string): Promise<void> {
  if (output.write(text) !== false || output.once === undefined) return;
  await new Promise<void>((resolve) => output.once!('drain', resolve));
}

/** What a flag is for. */
export interface CommandFlag {
  readonly type: 'string' | 'boolean';
  /** One letter: `r` for `-r`. */
  readonly short?: string;
  readonly help: string;
  /** What stands for its value in the help. */
  readonly value?: string;
  readonly default?: string | boolean;
  readonly multiple?: boolean;
}

/** What was said on the command line. */
export interface CommandArgs {
  /** By the flag's name; of one that may be repeated, all values. */
  readonly flags: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;
  readonly positionals: readonly string[];
}

/** One of the things that `emberwatch` does. */
export interface Command {
  /** As it is written, such as `cost` or `tsdb list`: the longest name that fits decides. */
  readonly name: string;
  /** One line. */
  readonly help: string;
  /** What stands behind the name, such as `FOLDER`. @default Nothing but flags */
  readonly positionals?: string;
  readonly flags: Readonly<Record<string, CommandFlag>>;
  /** @returns The exit code. @throws {UsageError} When what was said cannot be done. */
  run(args: CommandArgs, io: CommandIo): Promise<number>;
}

/** What was said on the command line is wrong: it ends with one line and exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What `parseArgs` of node:util wants to know. */
export function optionsOf({ flags }: Command): ParseArgsOptionsConfig {
  return Object.fromEntries(
    Object.entries(flags).map(([name, { type, short, multiple = false }]) => [
      name,
      { type, multiple, ...(short !== undefined && { short }) },
    ]),
  );
}
