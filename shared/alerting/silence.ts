import { goQuote, type Labels } from '#shared/model/labels.ts';
import type { Matcher } from '#shared/model/matcher.ts';
import { compileUnanchoredRegex } from '#shared/model/regex.ts';
import { createAlertMatcher } from './matchers.ts';
import { matchesAll } from './route.ts';

/** A stored silence. Times are Unix milliseconds. */
export interface Silence {
  readonly id: string;
  readonly matchers: readonly SilenceMatcher[];
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  readonly updatedAtMs: number;
  readonly createdBy: string;
  readonly comment: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export type SilenceMatcher = Pick<Matcher, 'name' | 'operator' | 'value'>;

/** A silence as the API takes it; `id` absent or empty makes a new one. */
export type SilenceInput = Omit<Silence, 'id' | 'updatedAtMs'> & { readonly id?: string };

export type SilenceState = 'pending' | 'active' | 'expired';

/** The outcome of `setSilence`: the records to store, together, and the id to answer with; or why not, in
 *  Alertmanager's words. */
export type SetSilenceResult =
  | { readonly ok: true; readonly id: string; readonly changed: readonly Silence[] }
  | { readonly ok: false; readonly reason: 'invalid' | 'not-found'; readonly message: string };

/** How long an expired silence is kept: Alertmanager's default of `--data.retention`. */
export const SILENCE_RETENTION_MS = 120 * 3_600_000;

/** A silence holds from its start (inclusive) to its end (exclusive).
 *  @see alertmanager/silence/state.go CurrentState */
export function silenceState(silence: Pick<Silence, 'startsAtMs' | 'endsAtMs'>, nowMs: number): SilenceState {
  if (nowMs < silence.startsAtMs) return 'pending';
  return nowMs < silence.endsAtMs ? 'active' : 'expired';
}

/** Creates or edits a silence. An edit that would rewrite history (other matchers, another start of an active silence,
 *  anything of an expired one) expires the old silence and makes a new one.
 *  @param existing The silence that `input.id` names, if there is one.
 *  @see alertmanager/silence/silence.go Silences.Set · alertmanager/api/v2/api.go postSilencesHandler */
export function setSilence(
  existing: Silence | undefined,
  input: SilenceInput,
  options: { readonly nowMs: number; readonly newId: string },
): SetSilenceResult {
  const { nowMs, newId } = options;
  const problem = checkTimes(input, nowMs) ?? validateSilence(input);
  if (problem !== undefined) return { ok: false, reason: 'invalid', message: problem };
  if (input.id && existing === undefined) return { ok: false, reason: 'not-found', message: 'silence not found' };
  if (existing !== undefined && canUpdate(existing, input, nowMs)) {
    return { ok: true, id: existing.id, changed: [{ ...input, id: existing.id, updatedAtMs: nowMs }] };
  }
  const startsAtMs = Math.max(input.startsAtMs, nowMs);
  const created: Silence = { ...input, id: newId, startsAtMs, updatedAtMs: nowMs };
  const replaced = existing === undefined ? undefined : expireSilence(existing, nowMs);
  const changed = replaced === undefined || replaced === existing ? [created] : [replaced, created];
  return { ok: true, id: newId, changed };
}

function checkTimes(input: SilenceInput, nowMs: number): string | undefined {
  if (input.startsAtMs >= input.endsAtMs) return 'Failed to create silence: start time must be before end time';
  if (input.endsAtMs < nowMs) return "Failed to create silence: end time can't be in the past";
  return undefined;
}

/** Why Alertmanager would refuse the matchers, in its words; `undefined` when they are valid.
 *  @see alertmanager/silence/silence.go validateSilence */
export function validateSilence(input: Pick<Silence, 'matchers'>): string | undefined {
  if (input.matchers.length === 0) return 'invalid silence: matcher set 0 is empty';
  for (const [index, matcher] of input.matchers.entries()) {
    const problem = validateMatcher(matcher);
    if (problem !== undefined) return `invalid silence: invalid label matcher ${index} in set 0: ${problem}`;
  }
  if (input.matchers.every(matchesEmpty)) {
    return 'invalid silence: matcher set 0: at least one matcher must not match the empty string';
  }
  return undefined;
}

function validateMatcher({ name, operator, value }: SilenceMatcher): string | undefined {
  if (name === '' || !name.isWellFormed()) return `invalid label name ${goQuote(name)}`;
  if (operator === '=' || operator === '!=') {
    return value.isWellFormed() ? undefined : `invalid label value ${goQuote(value)}`;
  }
  try {
    compileUnanchoredRegex(value);
    return undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return `invalid regular expression ${goQuote(value)}: ${error.message}`;
  }
}

/** Negative matchers never count as matching the empty value here: `a!="b"` alone is a valid silence. */
function matchesEmpty({ operator, value }: SilenceMatcher): boolean {
  if (operator === '=') return value === '';
  return operator === '=~' && compileUnanchoredRegex(value).matches('');
}

/** @see alertmanager/silence/silence.go canUpdate */
function canUpdate(existing: Silence, input: SilenceInput, nowMs: number): boolean {
  if (!sameMatchers(existing.matchers, input.matchers)) return false;
  switch (silenceState(existing, nowMs)) {
    case 'active':
      // Clients send back times with less precision than they were given.
      return Math.floor(existing.startsAtMs / 1000) === Math.floor(input.startsAtMs / 1000) && input.endsAtMs >= nowMs;
    case 'pending':
      return input.startsAtMs >= nowMs;
    case 'expired':
      return false;
  }
}

function sameMatchers(a: readonly SilenceMatcher[], b: readonly SilenceMatcher[]): boolean {
  const same = (x: SilenceMatcher, y: SilenceMatcher) =>
    x.name === y.name && x.operator === y.operator && x.value === y.value;
  return a.length === b.length && a.every((matcher, i) => same(matcher, b[i]));
}

/** Ends a silence now; an expired one is returned as it is.
 *  @see alertmanager/silence/silence.go Silences.expire */
export function expireSilence(silence: Silence, nowMs: number): Silence {
  switch (silenceState(silence, nowMs)) {
    case 'expired':
      return silence;
    case 'active':
      return { ...silence, endsAtMs: nowMs, updatedAtMs: nowMs };
    case 'pending':
      return { ...silence, startsAtMs: nowMs, endsAtMs: nowMs, updatedAtMs: nowMs };
  }
}

/** When a silence may be forgotten, Unix milliseconds. */
export function silenceExpiresAtMs(silence: Silence): number {
  return silence.endsAtMs + SILENCE_RETENTION_MS;
}

/** Orders silences as the API lists them: active ones by end, pending ones by start, expired ones by end, latest first.
 *  @see alertmanager/api/v2/api.go SortSilences */
export function compareSilences(a: Silence, b: Silence, nowMs: number): number {
  const order: readonly SilenceState[] = ['active', 'pending', 'expired'];
  const state = silenceState(a, nowMs);
  const byState = order.indexOf(state) - order.indexOf(silenceState(b, nowMs));
  if (byState !== 0) return byState;
  if (state === 'pending') return a.startsAtMs - b.startsAtMs;
  return state === 'active' ? a.endsAtMs - b.endsAtMs : b.endsAtMs - a.endsAtMs;
}

/** Whether a silence has every one of the filter's matchers literally: how the API's `filter` selects silences.
 *  @see alertmanager/api/v2/api.go CheckSilenceMatchesFilterLabels */
export function silenceHasMatchers(silence: Silence, filter: readonly SilenceMatcher[]): boolean {
  return filter.every((wanted) => silence.matchers.some((matcher) => sameMatchers([matcher], [wanted])));
}

/** Says which active silences silence a label set. */
export interface Silencer {
  /** Their ids, ordered. */
  silencedBy(labels: Labels): readonly string[];
}

/** Compiles the silences that are active now. They are compiled when it is first asked.
 *  @see alertmanager/silence/silence.go Silencer.Mutes */
export function createSilencer(silences: readonly Silence[], nowMs: number): Silencer {
  let compiled: readonly { readonly id: string; readonly matchers: readonly Matcher[] }[] | undefined;
  return {
    silencedBy(labels) {
      compiled ??= silences.filter((silence) => silenceState(silence, nowMs) === 'active').map(compileSilence);
      const holding = compiled.filter(({ matchers }) => matchesAll(matchers, labels));
      return holding.map(({ id }) => id).sort();
    },
  };
}

function compileSilence({ id, matchers }: Silence): { id: string; matchers: readonly Matcher[] } {
  return { id, matchers: matchers.map(({ name, operator, value }) => createAlertMatcher(name, operator, value)) };
}
