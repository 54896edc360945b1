import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { isLive } from './settings.ts';

/** What was asked of the server: nothing yet, an answer, a failure, or both: an answer that could not be renewed. */
export interface Resource<T> {
  readonly data: T | undefined;
  readonly error: Error | undefined;
  readonly isLoading: boolean;
  /** Asks again, now. */
  readonly reload: () => void;
}

interface Outcome<T> {
  readonly data?: T;
  readonly error?: Error;
  readonly isLoading: boolean;
}

/** The longest pause between two tries while the server does not answer. */
const MAX_PAUSE_MS = 60_000;

/** Asks the server and keeps asking. Only the last request counts: an earlier one is cancelled, and so is all when the
 *  component goes. While the tab is hidden nothing is asked.
 *  @param load Must be the same function as long as the same thing is asked for.
 *  @param refreshMs Pause between two requests; each failure in a row doubles it. 0: ask once. */
export function useResource<T>(load: (signal: AbortSignal) => Promise<T>, refreshMs: number): Resource<T> {
  const [outcome, setOutcome] = useState<Outcome<T>>({ isLoading: true });
  const [generation, setGeneration] = useState(0);
  const loaded = useRef<unknown>(undefined);
  const live = isLive.value;
  useEffect(() => {
    const canceller = new AbortController();
    const { signal } = canceller;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;
    const isOther = loaded.current !== load;
    loaded.current = load;
    setOutcome((last) => (isOther ? { isLoading: true } : { ...last, isLoading: true }));
    const ask = async () => {
      try {
        const data = await load(signal);
        failures = 0;
        if (!signal.aborted) setOutcome({ data, isLoading: false });
      } catch (error) {
        failures++;
        if (!signal.aborted) setOutcome((last) => ({ ...last, error: error as Error, isLoading: false }));
      }
      if (live && refreshMs > 0 && !signal.aborted) {
        timer = setTimeout(askWhenVisible, Math.min(refreshMs * 2 ** failures, Math.max(MAX_PAUSE_MS, refreshMs)));
      }
    };
    const askWhenVisible = () => {
      if (document.visibilityState === 'visible') void ask();
      else document.addEventListener('visibilitychange', askWhenVisible, { once: true, signal });
    };
    void ask();
    return () => {
      canceller.abort();
      clearTimeout(timer);
    };
  }, [load, refreshMs, generation, live]);
  const reload = useCallback(() => setGeneration((n) => n + 1), []);
  return { data: outcome.data, error: outcome.error, isLoading: outcome.isLoading, reload };
}

/** A request that the user makes, such as a deletion. */
export interface Action {
  /** @returns Whether it succeeded. */
  readonly run: (work: (signal: AbortSignal) => Promise<unknown>) => Promise<boolean>;
  readonly error: Error | undefined;
  readonly isRunning: boolean;
}

/** Runs one request at a time; it is cancelled when the component goes. */
export function useAction(): Action {
  const [state, setState] = useState<{ error?: Error; isRunning: boolean }>({ isRunning: false });
  const canceller = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => canceller.current?.abort(), []);
  const run: Action['run'] = useCallback(async (work) => {
    canceller.current?.abort();
    const own = new AbortController();
    canceller.current = own;
    setState({ isRunning: true });
    try {
      await work(own.signal);
      if (!own.signal.aborted) setState({ isRunning: false });
      return !own.signal.aborted;
    } catch (error) {
      if (!own.signal.aborted) setState({ isRunning: false, error: error as Error });
      return false;
    }
  }, []);
  return { run, error: state.error, isRunning: state.isRunning };
}
