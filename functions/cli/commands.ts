import type { Command } from './command.ts';
import { COST } from './cost/command.ts';
import { TSDB } from './tsdb/commands.ts';
import { TSDB_IMPORT } from './tsdb-import.ts';

/** Everything that `emberwatch` does. */
export const COMMANDS: readonly Command[] = [COST, ...TSDB, TSDB_IMPORT];
