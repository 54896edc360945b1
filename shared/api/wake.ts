import type { ApiDeps, Wake } from './deps.ts';

/** Has a change taken up at once. The change is stored already, and scheduled runs take it up too: that the wake-up fails
 *  must not make the client repeat it. */
export async function wakeUp({ wake, logger }: Pick<ApiDeps, 'wake' | 'logger'>, what: keyof Wake): Promise<void> {
  try {
    await wake[what]();
  } catch (error) {
    logger.warn('Cannot wake a step after a change, which waits for its next scheduled run', { step: what, error });
  }
}
