import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileProgram } from '#shared/model/regex-engine.ts';
import { findShortcut } from '#shared/model/regex-shortcut.ts';

const PIECES = [
  ...['a', 'b', 'foo', 'k', 'S', '_', '-', 'é', '😀', '\\.', '\n', '0'],
  ...[
    '.*',
    '.+',
    '.*?',
    '.+?',
    'a?',
    'x??',
    '(foo)?',
    '(a|b)',
    '(|a)',
    '(?:foo|.*)',
    '[ab]',
    '[a-c_]',
    '[-a]',
    '[0-9]',
  ],
  ...[
    '^',
    '$',
    '|',
    '|',
    '(',
    '(?:',
    ')',
    ')',
    '(?i)',
    '(?i:',
    '(?-i)',
    '(?-s)',
    '(?-s:',
    '(?s)',
    '(?P<n>',
    '(.*)',
    '(.+)',
  ],
  ...['.', '*', '+', '{', '{2}', '[^a]', '[z-a]', '\\d', '\\', '(?', '[', ']', '\\Q', '\\E', '()'],
];

const VALUES = [
  ...[
    '',
    'a',
    'b',
    'ab',
    'aa',
    'foo',
    'FOO',
    'foofoo',
    'afoob',
    'k',
    'K',
    '\u212a',
    '\u017f',
    's',
    'S',
    'é',
    'É',
    '😀',
  ],
  ...['a\nb', '\n', '.', '-', '_', 'a_b', '0', 'aé', '😀a', 'kS_', 'fooé', 'a😀b', 'xfoo', 'foox', 'AB'],
];

const pattern = fc.array(fc.constantFrom(...PIECES), { maxLength: 7 }).map((pieces) => {
  const text = pieces.join('');
  const open = (text.match(/\(/g) ?? []).length - (text.match(/\)/g) ?? []).length;
  return text + ')'.repeat(Math.max(0, open));
});

test('a shortcut says what RE2 says', () => {
  let decided = 0;
  fc.assert(
    fc.property(pattern, fc.boolean(), (source, dotAll) => {
      const shortcut = findShortcut(source, dotAll);
      if (shortcut === undefined) return;
      const program = compileProgram(source, dotAll);
      assert.deepEqual(shortcut.groupNumbers, program.groupNumbers);
      for (const value of [...VALUES, ...(shortcut.setMatches ?? [])]) {
        const verdict = shortcut.matches(value);
        if (verdict === undefined) continue;
        decided++;
        assert.equal(verdict, program.matchesWhole(value), `${source} on ${JSON.stringify(value)}`);
        if (verdict && shortcut.groupsOf) assert.deepEqual(shortcut.groupsOf(value), program.findWhole(value), source);
        if (shortcut.setMatches) assert.equal(shortcut.setMatches.includes(value), verdict, source);
      }
    }),
    { seed: 20, numRuns: 5000 },
  );
  assert.ok(decided > 10_000, `${decided} decided`);
});

test('an alternation of many literals needs no program', () => {
  const names = Array.from({ length: 5000 }, (_, i) => `instance-${i}:9100`);
  const shortcut = findShortcut(names.join('|'), true);
  assert.equal(shortcut?.matches('instance-4999:9100'), true);
  assert.equal(shortcut?.matches('instance-5000:9100'), false);
  assert.equal(shortcut?.setMatches, undefined);
});

test('patterns that multiply beyond measure are left to RE2', () => {
  assert.equal(findShortcut('(a|b)'.repeat(20), true), undefined);
  assert.equal(findShortcut(Array.from({ length: 40 }, (_, i) => `x${i}.*`).join('|'), true), undefined);
  assert.equal(findShortcut('.+.+', true), undefined);
  assert.equal(findShortcut(`${'('.repeat(50)}a${')'.repeat(50)}`, true), undefined);
});

test('a shortcut leaves to RE2 what it cannot know', () => {
  assert.equal(findShortcut('(?i)s', true)?.matches('\u017f'), undefined);
  assert.equal(findShortcut('.*', false)?.matches('\n'), undefined);
});
