import type { Command } from '../command.ts';
import { ANALYZE } from './analyze.ts';
import { CREATE_BLOCKS } from './create-blocks.ts';
import { DUMP, DUMP_OPENMETRICS } from './dump.ts';
import { LIST } from './list.ts';
import { VERIFY } from './verify.ts';

/** The commands that look at blocks in a folder, or make them, as `promtool tsdb` does. */
export const TSDB: readonly Command[] = [LIST, ANALYZE, DUMP, DUMP_OPENMETRICS, VERIFY, CREATE_BLOCKS];
