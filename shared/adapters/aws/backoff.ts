import type { Clock } from '#shared/ports/clock.ts';
import type { Random } from '#shared/ports/random.ts';

/** What waiting between tries takes. */
export interface Backoff {
  readonly clock: Clock;
  readonly random: Random;
}

const FIRST_DELAY_MS = 25;
const MAX_DELAY_MS = 1000;

/** How often work that others get in the way of is tried. With the delays between, about 4 s. */
export const MAX_TRIES = 10;

/** Waits before try number `tried` + 1: exponentially longer, and at random, so that those who collided do not do so again.
 *  @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ "full jitter" */
export async function waitBeforeTry(tried: number, { clock, random }: Backoff): Promise<void> {
  const ceilingMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (tried - 1));
  await clock.sleep(random.next() * ceilingMs);
}
