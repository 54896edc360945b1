import { type CommandArgs, type CommandFlag, UsageError } from '../command.ts';

/** The database that commands look at when none is named. */
export const DEFAULT_DATABASE = 'data/';

export const HUMAN_READABLE: CommandFlag = { type: 'boolean', short: 'r', help: 'Print human readable values.' };

/** The value of a flag; `undefined` where it is not said. */
export function textOf({ flags }: CommandArgs, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}

/** The values of a flag that may be repeated, in their order. */
export function textsOf({ flags }: CommandArgs, name: string): readonly string[] {
  const values = flags[name];
  return Array.isArray(values) ? values.map(String) : [];
}

/** A flag's whole number of 64 bits; beyond 2^53 it is the nearest number. @throws {UsageError} */
export function integerOf(args: CommandArgs, name: string): number | undefined {
  const text = textOf(args, name);
  if (text === undefined) return undefined;
  const value = /^[+-]?[0-9]+$/.test(text) ? BigInt(text.replace('+', '')) : undefined;
  if (value === undefined || BigInt.asIntN(64, value) !== value) {
    throw new UsageError(`tsdb: --${name} is ${JSON.stringify(text)}, expected a whole number of 64 bits`);
  }
  return Number(value);
}

/** What stands behind a command, the database first.
 *  @param most How many there may be. @throws {UsageError} When there are more. */
export function databaseOf({ positionals }: CommandArgs, most: number): readonly [database: string, ...rest: string[]] {
  if (positionals.length > most) throw new UsageError(`tsdb: unexpected ${JSON.stringify(positionals[most])}`);
  const [database = DEFAULT_DATABASE, ...rest] = positionals;
  return [database, ...rest];
}
