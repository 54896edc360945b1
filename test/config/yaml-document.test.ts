import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConfigError } from '#shared/config/config-error.ts';
import { scalarOffset } from '#shared/config/scalar-position.ts';
import { parseYaml, type YamlScalar } from '#shared/config/yaml-document.ts';
import { YamlFields } from '#shared/config/yaml-fields.ts';
import { readAny } from '#shared/config/yaml-values.ts';

function readAll(text: string): unknown {
  const { document, root } = parseYaml('f.yml', text);
  const value = readAny(root);
  document.throwProblems();
  return value === null ? null : structuredClone(value);
}

test('parseYaml() gives plain data', () => {
  const table = [
    { input: '', expected: null },
    { input: '# only a comment\n', expected: null },
    { input: 'a: 1\nb: [yes, "yes", ~, 1.5]\n', expected: { a: 1, b: [true, 'yes', null, 1.5] } },
    { input: 'a: &x {b: 1}\nc: *x\n', expected: { a: { b: 1 }, c: { b: 1 } } },
    { input: 'a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  b: 3\n', expected: { a: { b: 1, c: 2 }, d: { b: 3, c: 2 } } },
    { input: '<<: [{a: 1}, {a: 2, b: 2}]\n', expected: { a: 1, b: 2 } },
    { input: 'a: !!str 12\nb: !!binary "aGk="\n', expected: { a: '12', b: 'hi' } },
    { input: 'a: |\n  x\n  y\nb: >-\n  x\n  y\n', expected: { a: 'x\ny\n', b: 'x y' } },
    { input: 'a: [\n  1\n]\n', expected: { a: [1] } },
    { input: '__proto__: 1\n', expected: JSON.parse('{"__proto__": 1}') },
  ];
  for (const { input, expected } of table) assert.deepEqual(readAll(input), expected, input);
});

test('parseYaml() refuses with the place', () => {
  const table = [
    { input: 'a: [1\nb: 2\n', expected: /^f\.yml:2:/ },
    { input: 'a: "b\n', expected: /^f\.yml:\d:\d+: yaml: / },
    { input: 'a: *b\n', expected: /^f\.yml:1:4: yaml: / },
    { input: 'a: 1\nb: 2\na: 3\n', expected: /^f\.yml:3:1: key "a" already set in map$/ },
    { input: '<<: 1\n', expected: /^f\.yml:1:1: yaml: map merge requires map or sequence of maps as the value$/ },
    { input: 'a: !!binary "/w==$1"\n', expected: /^f\.yml:1:13: yaml: !!binary value contains invalid base64 data/ },
    { input: 'a: !!binary "/w=="\n', expected: /^f\.yml:1:13: yaml: !!binary value contains text that is not UTF-8/ },
    { input: '? [a]\n: 1\n', expected: /^f\.yml:1:3: yaml: invalid map key/ },
    { input: ' '.repeat((1 << 20) + 1), expected: /file has 1048577 characters, expected at most 1048576$/ },
  ];
  for (const { input, expected } of table) {
    assert.throws(
      () => readAll(input),
      (error: Error) => error instanceof ConfigError && expected.test(error.message),
      `${input.slice(0, 40)}`,
    );
  }
});

test('parseYaml() ends when aliases multiply or contain themselves', () => {
  const lists = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}*a${i}]`);
  assert.throws(() => readAll(`a0: &a0 x\n${lists.join('\n')}\n`), /excessive aliasing/);
  assert.throws(() => readAll('a: &a [*a]\n'), ConfigError);
  assert.throws(() => readAll('a: &a {b: *a}\n'), ConfigError);
});

test('parseYaml() ends on deep nesting', () => {
  assert.throws(() => readAll('[\n '.repeat(1000)), ConfigError);
  assert.throws(() => readAll(`${'['.repeat(100_000)}`), ConfigError);
});

test('parseYaml() uses the first document and warns of others', () => {
  const { document, root } = parseYaml('f.yml', 'a: 1\n---\nb: 2\n');
  assert.deepEqual({ ...(readAny(root) as object) }, { a: 1 });
  assert.deepEqual(document.warnings, ['f.yml:2:1: only the first document of the file is used, this one is not']);
});

test('YamlFields reports unknown, repeated and misplaced fields, all of them, in order', () => {
  const text = 'jobb: 1\nname: [x]\nlimit: many-too-many\nlimit: 1\nflag: 3\nsize: -1\n';
  const { document, root } = parseYaml('f.yml', text);
  const fields = new YamlFields(root, 'config.plain');
  fields.text('name');
  fields.uint('limit');
  fields.bool('flag');
  fields.uint('size', 'uint64');
  fields.text('job');
  fields.finish();
  assert.throws(
    () => document.throwProblems(),
    (error: ConfigError) => {
      assert.deepEqual(
        error.problems.map((problem) => problem.message),
        [
          'f.yml:1:1: field jobb not found in type config.plain, did you mean "job"?',
          'f.yml:2:7: cannot unmarshal !!seq into string, expected text',
          'f.yml:3:8: cannot unmarshal !!str `many-to...` into uint, expected a whole number ≥ 0',
          'f.yml:4:1: field limit already set in type config.plain',
          'f.yml:5:7: cannot unmarshal !!int `3` into bool, expected true or false',
          'f.yml:6:7: cannot unmarshal !!int `-1` into uint64, expected a whole number ≥ 0',
        ],
      );
      return true;
    },
  );
});

test('scalarOffset() finds the characters of a value in the file', () => {
  const table = [
    { input: 'a: one two\n', find: 'two' },
    { input: 'a: "one \\"two\\" three"\n', find: 'three' },
    { input: "a: 'it''s two'\n", find: 'two' },
    { input: 'a: |\n  one\n    two three\n', find: 'three' },
    { input: 'a: |-\n\n  one\n\n  two\n', find: 'two' },
    { input: 'a: >\n  one\n  two\n\n  three\n', find: 'three' },
    { input: 'a: one\n  two\n  three\n', find: 'three' },
    { input: 'a: "one\\n  two"\n', find: 'two' },
    { input: 'a: "one \\\n  two"\n', find: 'two' },
    { input: 'a: "\\x41\\u00e9 two"\n', find: 'two' },
    { input: 'a: | # note\n  one # two\n', find: '# two' },
  ];
  for (const { input, find } of table) {
    const { root } = parseYaml('f.yml', input);
    const scalar = (root as { entries: readonly { value: YamlScalar }[] }).entries[0].value;
    const offset = scalarOffset(scalar, scalar.text.indexOf(find));
    assert.equal(input.slice(offset, offset + find.length), find, input);
  }
});

test('parseYaml() throws nothing but ConfigError', () => {
  const part = fc.constantFrom(
    'a',
    ': ',
    '\n',
    '- ',
    '[',
    ']',
    '{',
    '}',
    '&x ',
    '*x',
    '"',
    "'",
    '|',
    '>',
    '#',
    '!!',
    '  ',
    '<<',
    '?',
    '---\n',
    '\t',
    '%',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
      try {
        readAll(parts.join(''));
      } catch (error) {
        assert.ok(error instanceof ConfigError, String(error));
      }
    }),
    { seed: 1, numRuns: 1500 },
  );
});
