import { parseDuration } from '#shared/model/duration.ts';
import type { Silence, SilenceInput } from '../api-types.ts';
import { fromWireMatcher, type MatcherInput, toWireMatcher } from '../label-text.ts';

/** A silence as it is edited. */
export interface SilenceDraft {
  /** Of the silence that is edited; absent for a new one. */
  readonly id?: string;
  /** Of the silence that is edited, when it has begun: it stays. */
  readonly startsAt?: string;
  readonly matchers: readonly MatcherInput[];
  /** From now, as `2h`. */
  readonly duration: string;
  readonly createdBy: string;
  readonly comment: string;
}

export const EMPTY_MATCHER: MatcherInput = { name: '', operator: '=', value: '' };

/** Matchers of which something was typed. */
export function filledMatchers(matchers: readonly MatcherInput[]): readonly MatcherInput[] {
  return matchers
    .filter(({ name }) => name.trim() !== '')
    .map((matcher) => ({ ...matcher, name: matcher.name.trim() }));
}

/** Makes a silence of a draft. @throws {SyntaxError | RangeError} Says what is missing. */
export function toSilenceInput(draft: SilenceDraft, nowMs: number): SilenceInput {
  const matchers = filledMatchers(draft.matchers);
  if (matchers.length === 0) throw new SyntaxError('Give at least one matcher: a label and its value');
  const durationMs = parseDuration(draft.duration.trim());
  if (durationMs <= 0) throw new RangeError('Give a duration above 0, such as 2h');
  if (draft.createdBy.trim() === '') throw new SyntaxError('Say who makes the silence');
  if (draft.comment.trim() === '') throw new SyntaxError('Say why, in the comment');
  return {
    ...(draft.id === undefined ? {} : { id: draft.id }),
    matchers: matchers.map(toWireMatcher),
    startsAt: draft.startsAt ?? new Date(nowMs).toISOString(),
    endsAt: new Date(nowMs + durationMs).toISOString(),
    createdBy: draft.createdBy.trim(),
    comment: draft.comment.trim(),
  };
}

/** A draft of a silence that there is: of an expired one a new one like it, otherwise an edit. */
export function draftOf(silence: Silence): Omit<SilenceDraft, 'duration'> {
  const isOver = silence.status.state === 'expired';
  return {
    ...(isOver ? {} : { id: silence.id, startsAt: silence.startsAt }),
    matchers: silence.matchers.map(fromWireMatcher),
    createdBy: silence.createdBy,
    comment: silence.comment,
  };
}
