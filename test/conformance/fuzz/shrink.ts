import type { Case, EvaluationTimes } from './generate.ts';
import { smallerTerms } from './term.ts';

/** Tries of smaller cases for one case. */
const MAX_TRIES = 300;

/** Makes a failing case smaller as long as it still fails in the same way: its query first, then its times.
 *  @param fails Whether a smaller case still fails. */
export async function shrinkCase(failing: Case, fails: (smaller: Case) => Promise<boolean>): Promise<Case> {
  let smallest = failing;
  let tries = 0;
  for (let found = true; found && tries < MAX_TRIES; ) {
    found = false;
    for (const smaller of smallerCases(smallest)) {
      if (++tries > MAX_TRIES) break;
      if (!(await fails(smaller))) continue;
      smallest = smaller;
      found = true;
      break;
    }
  }
  return smallest;
}

function* smallerCases(whole: Case): Generator<Case> {
  for (const query of smallerTerms(whole.query)) yield { ...whole, query };
  for (const times of smallerTimes(whole.times)) yield { ...whole, times };
}

function* smallerTimes(times: EvaluationTimes): Generator<EvaluationTimes> {
  if (times.kind === 'instant') return;
  const { startMs, endMs, stepMs } = times;
  const steps = Math.floor((endMs - startMs) / stepMs);
  if (steps === 0) {
    yield { kind: 'instant', timeMs: startMs };
    return;
  }
  const middle = startMs + Math.floor(steps / 2) * stepMs;
  yield { ...times, endMs: middle };
  yield { ...times, startMs: Math.min(middle + stepMs, endMs) };
  yield { ...times, startMs: startMs + stepMs };
  yield { ...times, endMs: startMs + (steps - 1) * stepMs };
}
