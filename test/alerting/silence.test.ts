import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMatchers } from '#shared/alerting/matchers.ts';
import {
  compareSilences,
  createSilencer,
  expireSilence,
  type Silence,
  type SilenceInput,
  type SilenceMatcher,
  setSilence,
  silenceHasMatchers,
  silenceState,
} from '#shared/alerting/silence.ts';
import { viewSilence } from '#shared/alerting/view.ts';
import { labelsFromRecord } from '#shared/model/labels.ts';

const NOW = 100_000;

function matchers(text: string): readonly SilenceMatcher[] {
  return parseMatchers(text).map(({ name, operator, value }) => ({ name, operator, value }));
}

function silence(overrides: Partial<Silence> = {}): Silence {
  const times = { startsAtMs: NOW - 10_000, endsAtMs: NOW + 10_000, updatedAtMs: NOW - 10_000 };
  return { id: 'old', matchers: matchers('{a="b"}'), ...times, createdBy: 'me', comment: 'c', ...overrides };
}

function input(overrides: Partial<SilenceInput> = {}): SilenceInput {
  const { id: _, updatedAtMs: __, ...rest } = silence();
  return { ...rest, ...overrides };
}

const OPTIONS = { nowMs: NOW, newId: 'new' };

test('silenceState() includes the start and excludes the end', () => {
  const cases = [
    { startsAtMs: NOW + 1, endsAtMs: NOW + 2, expected: 'pending' },
    { startsAtMs: NOW, endsAtMs: NOW + 1, expected: 'active' },
    { startsAtMs: NOW - 1, endsAtMs: NOW, expected: 'expired' },
  ];
  for (const { expected, ...times } of cases) assert.equal(silenceState(times, NOW), expected);
});

test('setSilence() refuses with the words of Alertmanager', () => {
  const cases: readonly { input: Partial<SilenceInput>; expected: string }[] = [
    { input: { endsAtMs: NOW - 10_000 }, expected: 'Failed to create silence: start time must be before end time' },
    { input: { endsAtMs: NOW - 1 }, expected: "Failed to create silence: end time can't be in the past" },
    { input: { matchers: [] }, expected: 'invalid silence: matcher set 0 is empty' },
    {
      input: { matchers: [{ name: '', operator: '=', value: 'x' }] },
      expected: 'invalid silence: invalid label matcher 0 in set 0: invalid label name ""',
    },
    {
      input: { matchers: [...matchers('{a="b"}'), { name: 'x', operator: '=~', value: '(' }] },
      expected:
        'invalid silence: invalid label matcher 1 in set 0: invalid regular expression "(": error parsing regexp: missing closing ): `(`',
    },
    {
      input: { matchers: matchers('{a="",b=~".*"}') },
      expected: 'invalid silence: matcher set 0: at least one matcher must not match the empty string',
    },
    { input: { id: 'gone' }, expected: 'silence not found' },
  ];
  for (const { input: overrides, expected } of cases) {
    const result = setSilence(undefined, input(overrides), OPTIONS);
    assert.equal(result.ok ? 'ok' : result.message, expected);
  }
  assert.ok(setSilence(undefined, input({ matchers: matchers('{a!="b"}') }), OPTIONS).ok);
});

test('setSilence() creates, edits, or expires and replaces', () => {
  const pending = { startsAtMs: NOW + 5_000, endsAtMs: NOW + 9_000 };
  const expired = { startsAtMs: NOW - 9_000, endsAtMs: NOW - 5_000 };
  const cases: readonly { name: string; old?: Partial<Silence>; edit: Partial<SilenceInput>; changed: string[] }[] = [
    { name: 'new', edit: {}, changed: ['new'] },
    { name: 'active, other end', old: {}, edit: { endsAtMs: NOW + 50_000 }, changed: ['old'] },
    { name: 'active, same second', old: {}, edit: { startsAtMs: NOW - 9_999 }, changed: ['old'] },
    { name: 'active, other start', old: {}, edit: { startsAtMs: NOW - 8_000 }, changed: ['old expired', 'new'] },
    {
      name: 'active, other matchers',
      old: {},
      edit: { matchers: matchers('{a="c"}') },
      changed: ['old expired', 'new'],
    },
    { name: 'pending, later', old: pending, edit: { ...pending, startsAtMs: NOW + 6_000 }, changed: ['old'] },
    { name: 'pending, now past', old: pending, edit: { startsAtMs: NOW - 1 }, changed: ['old expired', 'new'] },
    { name: 'expired', old: expired, edit: {}, changed: ['new'] },
  ];
  for (const { name, old, edit, changed } of cases) {
    const existing = old === undefined ? undefined : silence(old);
    const result = setSilence(existing, input({ ...(existing && { id: 'old' }), ...edit }), OPTIONS);
    assert.ok(result.ok, name);
    const shown = result.changed.map((s) => (silenceState(s, NOW) === 'expired' ? `${s.id} expired` : s.id));
    assert.deepEqual(shown, changed, name);
    assert.equal(result.id, changed.at(-1), name);
    const created = result.changed.find(({ id }) => id === 'new');
    if (created !== undefined) assert.ok(created.startsAtMs >= NOW, name);
  }
});

test('expireSilence() ends now and is idempotent', () => {
  assert.equal(expireSilence(silence(), NOW).endsAtMs, NOW);
  const pending = expireSilence(silence({ startsAtMs: NOW + 1 }), NOW);
  assert.deepEqual([pending.startsAtMs, pending.endsAtMs, silenceState(pending, NOW)], [NOW, NOW, 'expired']);
  assert.equal(expireSilence(pending, NOW + 1), pending);
});

test('silencedBy() names the active silences that match, ordered', () => {
  const silencer = createSilencer(
    [
      silence({ id: 'z' }),
      silence({ id: 'y', matchers: matchers('{a=~"b|c",d=""}') }),
      silence({ id: 'x', matchers: matchers('{a="b",d!=""}') }),
      silence({ id: 'w', startsAtMs: NOW + 1 }),
      silence({ id: 'v', endsAtMs: NOW }),
    ],
    NOW,
  );
  assert.deepEqual(silencer.silencedBy(labelsFromRecord({ a: 'b' })), ['y', 'z']);
  assert.deepEqual(silencer.silencedBy(labelsFromRecord({ a: 'b', d: '1' })), ['x', 'z']);
  assert.deepEqual(silencer.silencedBy(labelsFromRecord({ a: 'x' })), []);
});

test('compareSilences() lists active, pending, expired', () => {
  const list = [
    silence({ id: 'active1', endsAtMs: NOW + 1 }),
    silence({ id: 'active2', endsAtMs: NOW + 2 }),
    silence({ id: 'pending1', startsAtMs: NOW + 1 }),
    silence({ id: 'pending2', startsAtMs: NOW + 2 }),
    silence({ id: 'expired1', endsAtMs: NOW - 1 }),
    silence({ id: 'expired2', endsAtMs: NOW - 2 }),
  ];
  assert.deepEqual(
    list.toReversed().sort((a, b) => compareSilences(a, b, NOW)),
    list,
  );
});

test('silenceHasMatchers() compares matchers literally', () => {
  const filtered = silence({ matchers: matchers('{a="b",c=~"d"}') });
  const cases = [
    { input: '{a="b"}', expected: true },
    { input: '{c=~"d",a="b"}', expected: true },
    { input: '{c="d"}', expected: false },
    { input: '', expected: true },
  ];
  for (const { input: text, expected } of cases) {
    assert.equal(silenceHasMatchers(filtered, matchers(text)), expected, text);
  }
});

test('viewSilence() is a gettableSilence', () => {
  const shown = viewSilence(silence({ matchers: matchers('{a!~"b"}'), annotations: { x: 'y' } }), NOW);
  assert.deepEqual(shown, {
    id: 'old',
    status: { state: 'active' },
    updatedAt: '1970-01-01T00:01:30.000Z',
    comment: 'c',
    createdBy: 'me',
    endsAt: '1970-01-01T00:01:50.000Z',
    matchers: [{ isEqual: false, isRegex: true, name: 'a', value: 'b' }],
    startsAt: '1970-01-01T00:01:30.000Z',
    annotations: { x: 'y' },
  });
});
