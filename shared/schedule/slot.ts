/** Work that recurs: at the slots `k × intervalMs + offsetMs`. */
export interface SlotGrid {
  readonly intervalMs: number;
  /** 0 ≤ offsetMs < intervalMs */
  readonly offsetMs: number;
}

/** The slots in (afterMs, untilMs], rising. */
export function slotsBetween({ intervalMs, offsetMs }: SlotGrid, afterMs: number, untilMs: number): number[] {
  const slots: number[] = [];
  const first = Math.floor((afterMs - offsetMs) / intervalMs) + 1;
  for (let slot = first * intervalMs + offsetMs; slot <= untilMs; slot += intervalMs) slots.push(slot);
  return slots;
}
