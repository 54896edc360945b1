import type { Use } from '#shared/cost/usage.ts';
import { PIPELINE } from '../../../infra/pipeline.ts';
import {
  BYTES_PER_MS,
  CPU,
  GATEWAY_TIMEOUT_MS,
  HEAD_BYTES_PER_SAMPLE,
  HEAD_WINDOW_MS,
  HEAD_WINDOWS_SHARE,
} from './assumptions.ts';
import { ruleGroupCount } from './configuration.ts';
import type { Load } from './load.ts';
import { MONTH_MS, REPORT_SERIES } from './month.ts';
import { headBytes } from './simulated-function.ts';
import { API_FUNCTION, REQUESTS_PER_VIEW } from './view.ts';

/* A few minutes do not show what two hours of samples do: the windows of the head grow, and one that does not fit is read
 * again each time. */

const RULES = PIPELINE.find(({ name }) => name === 'evaluate-rules')!;
const MB = 1024 * 1024;

/** What reading windows again costs that do not fit into the memory of evaluate-rules: from when they do not until the next
 *  window begins, each evaluation reads all that there is. */
export function rereadUses(load: Load, bytesPerSample: number): readonly Use[] {
  // That of the heartbeat reads no samples.
  const evaluations = ((ruleGroupCount(load) - 1) * MONTH_MS) / load.evaluationMs;
  const storedBytes = (averageRereadBytes(load) / HEAD_BYTES_PER_SAMPLE) * bytesPerSample;
  const ms = (storedBytes * CPU.readByteNs) / 1e6 + storedBytes / BYTES_PER_MS;
  const quantity = evaluations * (ms / 1000) * (RULES.memoryMb / 1024);
  return [{ by: RULES.name, price: 'lambda.gbSecond', what: 'windows read again', quantity }];
}

/** What such a load does not go with, and so makes the bill one of what cannot be. */
export function warningsOf(
  load: Load,
  { measured, bytesPerSample }: { readonly measured: readonly Use[]; readonly bytesPerSample: number },
): readonly string[] {
  const warnings: string[] = [];
  const needed = load.rules === 0 ? 0 : windowBytes(load);
  const room = roomBytes();
  if (needed > RULES.memoryMb * MB * 0.75) {
    warnings.push(
      `evaluate-rules does not work: two hours of samples take ${megabytes(needed)} of memory, and it has ${RULES.memoryMb} MB`,
    );
  } else if (needed > room) {
    warnings.push(
      `evaluate-rules has ${megabytes(room)} for decoded samples, and two hours take ${megabytes(needed)} (${bytesPerSample.toFixed(1)} bytes stored each): windows are read again`,
    );
  }
  const viewMs = averageViewMs(load, measured);
  if (viewMs > GATEWAY_TIMEOUT_MS) {
    warnings.push(
      `a view does not work: a request that finds no warm function takes ${Math.round(viewMs / 1000)} s on average, and the gateway gives up after ${GATEWAY_TIMEOUT_MS / 1000} s`,
    );
  }
  return warnings;
}

function averageViewMs({ viewsPerDay }: Load, measured: readonly Use[]): number {
  if (viewsPerDay === 0) return 0;
  const requests = viewsPerDay * REQUESTS_PER_VIEW * (MONTH_MS / 86_400_000);
  const compute = measured.find(({ by, price }) => by === API_FUNCTION.name && price === 'lambda.gbSecond');
  return ((compute?.quantity ?? 0) / (API_FUNCTION.memoryMb / 1024) / requests) * 1000;
}

/** Over a window's life it grows evenly; what is below the room is never read again. */
function averageRereadBytes(load: Load): number {
  const needed = windowBytes(load);
  const room = roomBytes();
  return needed <= room ? 0 : (needed ** 2 - room ** 2) / (2 * needed);
}

/** A whole window in memory. */
function windowBytes({ targets, series, intervalMs }: Load): number {
  return targets * (series + REPORT_SERIES) * (HEAD_WINDOW_MS / intervalMs) * HEAD_BYTES_PER_SAMPLE;
}

function roomBytes(): number {
  return headBytes(RULES.memoryMb) * HEAD_WINDOWS_SHARE;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / MB).toLocaleString('en-US')} MB`;
}
