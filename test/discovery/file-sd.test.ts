import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFileSd } from '#shared/discovery/file-sd.ts';
import { discoverStatic } from '#shared/discovery/static.ts';
import { parseTargetFile } from '#shared/discovery/target-file.ts';
import type { Files } from '#shared/ports/files.ts';
import { matchGlob } from '#shared/ports/glob.ts';

function filesOf(texts: Readonly<Record<string, string>>): Files {
  return {
    read: async (path) => {
      if (path in texts) return texts[path];
      throw new Error(`open ${path}: no such file or directory`);
    },
    glob: async (pattern) => Object.keys(texts).filter((path) => matchGlob(pattern, path)),
  };
}

const config = (...files: readonly string[]) => ({ files, refreshIntervalMs: 300_000 });

test('discoverStatic() numbers the groups', () => {
  assert.deepEqual(
    discoverStatic([
      { targets: ['a:1', 'b'], labels: ['x', 'y'] },
      { targets: [], labels: [] },
    ]),
    [
      {
        targets: [
          ['__address__', 'a:1'],
          ['__address__', 'b'],
        ],
        labels: ['x', 'y'],
        source: '0',
      },
      { targets: [], labels: [], source: '1' },
    ],
  );
});

test('parseTargetFile() reads JSON and YAML alike', () => {
  const expected = [
    { targets: ['a:1'], labels: ['env', 'x'] },
    { targets: [], labels: [] },
  ];
  const table = [
    { path: 'a.json', input: '[{"targets": ["a:1"], "labels": {"env": "x", "none": ""}}, {}]' },
    { path: 'a.JSON', input: '[{"targets": ["a:1"], "labels": {"env": "x"}}, {"targets": null, "labels": null}]' },
    { path: 'a.yml', input: '- targets: [a:1]\n  labels: {env: x}\n- {}\n' },
  ];
  for (const { path, input } of table) assert.deepEqual(parseTargetFile(path, input), expected, input);
  assert.deepEqual(parseTargetFile('a.yaml', ''), []);
  assert.deepEqual(parseTargetFile('a.json', 'null'), []);
});

test('parseTargetFile() is strict', () => {
  const table = [
    { path: 'a.json', input: '[{"target": []}]', expected: 'json: unknown field "target"' },
    { path: 'a.json', input: '[null]', expected: 'nil target group item found' },
    {
      path: 'a.json',
      input: '{}',
      expected:
        'json: cannot unmarshal object into Go value of type []*targetgroup.Group, expected a list of target groups',
    },
    {
      path: 'a.json',
      input: '[1]',
      expected: 'json: cannot unmarshal number into Go value of type targetgroup.Group, expected an object',
    },
    {
      path: 'a.json',
      input: '[{"targets": [1]}]',
      expected: 'json: cannot unmarshal number into Go value of type string, expected an address in quotes',
    },
    {
      path: 'a.json',
      input: '[{"labels": {"a": 1}}]',
      expected: 'json: cannot unmarshal number into Go value of type model.LabelValue, expected the text of label "a"',
    },
    { path: 'a.json', input: '[{"labels": {"": "1"}}]', expected: '"" is not a valid label name' },
    {
      path: 'a.yml',
      input: '- target: [a]\n',
      expected: 'a.yml:1:3: field target not found in type targetgroup.Group, did you mean "targets"?',
    },
    { path: 'a.yml', input: '- ~\n', expected: 'a.yml:1:3: nil target group item found' },
    {
      path: 'a.yml',
      input: 'targets: []\n',
      expected: 'a.yml:1:1: cannot unmarshal !!map into []*targetgroup.Group, expected a list',
    },
  ];
  for (const { path, input, expected } of table) {
    assert.throws(() => parseTargetFile(path, input), { message: expected }, input);
  }
});

test('readFileSd() gives the groups of all files, each with its path', async () => {
  const files = filesOf({ 'b.yml': '- targets: [b]\n', 'a.json': '[{"targets": ["a"]}, {}]', 'c.txt': '' });
  const result = await readFileSd(files, config('*.yml', '*.json', 'a.*'));
  assert.deepEqual(result, {
    groups: [
      { targets: [['__address__', 'a']], labels: ['__meta_filepath', 'a.json'], source: 'a.json:0' },
      { targets: [], labels: ['__meta_filepath', 'a.json'], source: 'a.json:1' },
      { targets: [['__address__', 'b']], labels: ['__meta_filepath', 'b.yml'], source: 'b.yml:0' },
    ],
    errors: [],
  });
});

test('readFileSd() keeps the last groups of a file that broke, and drops those of one that is gone', async () => {
  const last = await readFileSd(
    filesOf({ 'a.yml': '- targets: [a]\n', 'b.json': '[{"targets": ["b"]}]' }),
    config('*'),
  );
  const broken = await readFileSd(filesOf({ 'a.yml': '- targets: a\n' }), config('*'), last);
  assert.deepEqual(broken.groups, [last.groups[0]]);
  assert.deepEqual(broken.errors, ['a.yml:1:12: cannot unmarshal !!str `a` into []string, expected a list']);
  const unreadable = { ...filesOf({}), glob: async () => ['b.json'] };
  assert.deepEqual(await readFileSd(unreadable, config('*'), last), {
    groups: [last.groups[1]],
    errors: ['Error reading file "b.json": open b.json: no such file or directory'],
  });
});
