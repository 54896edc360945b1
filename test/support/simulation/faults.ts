import { createSeededRandom } from '#shared/adapters/memory/random.ts';

/** What goes wrong in a simulation. Data: the same plan gives the same run. */
export interface FaultPlan {
  readonly seed: number;
  /** The part of the slots of scrapes and rules of which no message arrives, 0–1. */
  readonly lostSlots: number;
  /** Every message is handed to its handler twice: the second time at once or up to this much later, 0 = never twice. */
  readonly duplicatesWithinMs: number;
  /** Ends the run's first process at one of its port calls. */
  readonly crash?: CrashPoint;
}

/** A moment of a process: its `call`-th port call, from 1. */
export interface CrashPoint {
  readonly call: number;
  readonly kind: CrashKind;
}

/** `die`: the call has its effect, and nothing of the process ever happens again: a cold start follows.
 *  `refuse`: the call fails without an effect, and the process lives on.
 *  `forget`: the call has its effect, and is reported as failed all the same. */
export type CrashKind = 'die' | 'refuse' | 'forget';

export const NO_FAULTS: FaultPlan = { seed: 1, lostSlots: 0, duplicatesWithinMs: 0 };

/** Whether no message of this slot arrives: the same for all its messages. */
export function isLost(plan: FaultPlan, { stream, slotMs }: { readonly stream: string; readonly slotMs: number }) {
  return plan.lostSlots > 0 && chance(plan.seed, `${stream}@${slotMs}`) < plan.lostSlots;
}

/** How much later the second delivery of a message comes, whole milliseconds: at once for a quarter of them. */
export function duplicateDelayMs(plan: FaultPlan, messageId: string): number {
  const part = chance(plan.seed, messageId);
  return part < 0.25 ? 0 : Math.round(((part - 0.25) / 0.75) * plan.duplicatesWithinMs);
}

/** A number in [0, 1) that depends on the seed and the text only. @see FNV-1a */
function chance(seed: number, text: string): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return createSeededRandom(hash).next();
}
