// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of Go's regexp.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Labels, labelsFromRecord } from '#shared/model/labels.ts';
import { relabel } from '#shared/relabel/relabel.ts';
import { createRelabelConfig, type RelabelConfigInput } from '#shared/relabel/validate.ts';

type LabelRecord = Readonly<Record<string, string>>;

interface Case {
  readonly name: string;
  readonly labels: LabelRecord;
  readonly steps: readonly RelabelConfigInput[];
  /** Absent: dropped. */
  readonly expected?: LabelRecord;
}

function run(labels: LabelRecord, steps: readonly RelabelConfigInput[]): Labels | undefined {
  return relabel(
    labelsFromRecord(labels),
    steps.map((step) => createRelabelConfig(step)),
  );
}

function check(cases: readonly Case[]): void {
  for (const { name, labels, steps, expected } of cases) {
    assert.deepEqual(run(labels, steps), expected && labelsFromRecord(expected), name);
  }
}

test('replace', () => {
  check([
    {
      name: 'copies by default',
      labels: { a: 'foo' },
      steps: [{ source_labels: ['a'], target_label: 'd' }],
      expected: { a: 'foo', d: 'foo' },
    },
    {
      name: 'expands groups of the joined value',
      labels: { a: 'foo', b: 'bar' },
      steps: [{ source_labels: ['a', 'b'], regex: 'f(.*);(.*)r', target_label: 'a', replacement: 'b${1}${2}m' }],
      expected: { a: 'boobam', b: 'bar' },
    },
    {
      name: 'joins with an empty separator',
      labels: { a: 'foo', b: 'bar' },
      steps: [{ source_labels: ['a', 'b'], separator: '', target_label: 'd' }],
      expected: { a: 'foo', b: 'bar', d: 'foobar' },
    },
    {
      name: 'leaves alone what does not match',
      labels: { a: 'foo' },
      steps: [{ source_labels: ['a'], regex: 'bar', target_label: 'd', replacement: 'x' }],
      expected: { a: 'foo' },
    },
    {
      name: 'matches whole values only',
      labels: { a: 'foobar' },
      steps: [{ source_labels: ['a'], regex: 'foo', target_label: 'd', replacement: 'x' }],
      expected: { a: 'foobar' },
    },
    {
      name: 'deletes where the result is empty',
      labels: { a: 'foo', d: 'x' },
      steps: [{ source_labels: ['a'], target_label: 'd', replacement: '' }],
      expected: { a: 'foo' },
    },
    {
      name: 'deletes where the source is missing',
      labels: { d: 'x' },
      steps: [{ source_labels: ['a'], target_label: 'd' }],
      expected: {},
    },
    {
      name: 'sets without source labels',
      labels: { a: 'foo' },
      steps: [{ target_label: 'd', replacement: 'x' }],
      expected: { a: 'foo', d: 'x' },
    },
    {
      name: 'expands the target',
      labels: { a: 'some-name-value' },
      steps: [{ source_labels: ['a'], regex: 'some-([^-]+)-([^-]+)', target_label: '${1}', replacement: '$2' }],
      expected: { a: 'some-name-value', name: 'value' },
    },
    {
      name: 'takes any name for a target but the empty one',
      labels: { a: 'x y;z', b: '' },
      steps: [
        { source_labels: ['a'], regex: '(.*);(.*)', target_label: '${1}', replacement: '$2' },
        { source_labels: ['a'], regex: '(.*);(.*)', target_label: '${3}', replacement: '$2' },
      ],
      expected: { a: 'x y;z', 'x y': 'z' },
    },
    {
      name: 'sees the labels of the steps before',
      labels: { a: 'foo' },
      steps: [
        { source_labels: ['a'], regex: 'f(.*)', target_label: 'b', replacement: '$1' },
        { source_labels: ['b'], target_label: 'a' },
        { source_labels: ['a', 'b'], target_label: 'c' },
      ],
      expected: { a: 'oo', b: 'oo', c: 'oo;oo' },
    },
    {
      name: 'uses named groups',
      labels: { a: 'host:80' },
      steps: [
        { source_labels: ['a'], regex: '(?P<h>.+):(?P<p>\\d+)', target_label: 'port', replacement: '${p}' },
        { source_labels: ['a'], regex: '(?P<h>.+):(?P<p>\\d+)', target_label: 'host', replacement: '$h' },
      ],
      expected: { a: 'host:80', host: 'host', port: '80' },
    },
    {
      name: 'matches line breaks',
      labels: { a: 'foo\nbar' },
      steps: [{ source_labels: ['a'], regex: '(.*)bar', target_label: 'd' }],
      expected: { a: 'foo\nbar', d: 'foo\n' },
    },
  ]);
});

test('keep and drop', () => {
  const keep = (regex: string): RelabelConfigInput => ({ source_labels: ['a'], regex, action: 'keep' });
  const drop = (regex: string): RelabelConfigInput => ({ source_labels: ['a'], regex, action: 'drop' });
  check([
    { name: 'drops what matches', labels: { a: 'foo' }, steps: [drop('.*o.*')] },
    { name: 'drops only what matches whole', labels: { a: 'foo' }, steps: [drop('f|o')], expected: { a: 'foo' } },
    { name: 'keeps what matches', labels: { a: 'foo' }, steps: [keep('f.*')], expected: { a: 'foo' } },
    { name: 'drops what does not match', labels: { a: 'foo' }, steps: [keep('bar')] },
    { name: 'stops at the drop', labels: { a: 'foo' }, steps: [drop('foo'), { target_label: 'b', replacement: 'x' }] },
    { name: 'a missing label is empty', labels: { b: 'x' }, steps: [keep('')], expected: { b: 'x' } },
  ]);
});

test('keepequal and dropequal', () => {
  const step = (action: string): RelabelConfigInput => ({ source_labels: ['a', 'b'], target_label: 'c', action });
  const equal = { a: '1', b: '2', c: '1;2' };
  const other = { a: '1', b: '2', c: '12' };
  check([
    { name: 'keepequal equal', labels: equal, steps: [step('keepequal')], expected: equal },
    { name: 'keepequal other', labels: other, steps: [step('keepequal')] },
    { name: 'dropequal equal', labels: equal, steps: [step('dropequal')] },
    { name: 'dropequal other', labels: other, steps: [step('dropequal')], expected: other },
    { name: 'absent equals empty', labels: {}, steps: [{ ...step('dropequal'), source_labels: ['a'] }] },
  ]);
});

test('hashmod', () => {
  const step = (modulus: number): RelabelConfigInput => ({
    source_labels: ['c'],
    target_label: 'd',
    action: 'hashmod',
    modulus,
  });
  check([
    { name: 'of 1000', labels: { c: 'baz' }, steps: [step(1000)], expected: { c: 'baz', d: '976' } },
    { name: 'of two lines', labels: { c: 'foo\nbar' }, steps: [step(1000)], expected: { c: 'foo\nbar', d: '734' } },
    { name: 'of 1', labels: { c: 'baz' }, steps: [step(1)], expected: { c: 'baz', d: '0' } },
  ]);
});

test('labelmap', () => {
  check([
    {
      name: 'copies to new names',
      labels: { __meta_x: '1', __meta_y: '2', z: '3' },
      steps: [{ regex: '__meta_(.*)', action: 'labelmap' }],
      expected: { __meta_x: '1', __meta_y: '2', x: '1', y: '2', z: '3' },
    },
    {
      name: 'copies with a template',
      labels: { a: 'foo' },
      steps: [{ regex: '(a)', replacement: 'b${1}_${1}', action: 'labelmap' }],
      expected: { a: 'foo', ba_a: 'foo' },
    },
    {
      name: 'the last of several in label order wins',
      labels: { b1: '1', b2: '2', b3: '3' },
      steps: [{ regex: 'b.', replacement: 'x', action: 'labelmap' }],
      expected: { b1: '1', b2: '2', b3: '3', x: '3' },
    },
    {
      name: 'labels that a step before set come last',
      labels: { b2: '2' },
      steps: [
        { target_label: 'b1', replacement: '1' },
        { regex: 'b.', replacement: 'x', action: 'labelmap' },
      ],
      expected: { b1: '1', b2: '2', x: '1' },
    },
    {
      name: 'does not see its own changes',
      labels: { aa: '1' },
      steps: [{ regex: 'a(.*)', replacement: '$1', action: 'labelmap' }],
      expected: { a: '1', aa: '1' },
    },
  ]);
});

test('labeldrop and labelkeep', () => {
  check([
    {
      name: 'labeldrop',
      labels: { a: '1', b1: '2', b2: '3' },
      steps: [{ regex: 'b.', action: 'labeldrop' }],
      expected: { a: '1' },
    },
    {
      name: 'labelkeep',
      labels: { a: '1', b1: '2', b2: '3' },
      steps: [{ regex: 'b.', action: 'labelkeep' }],
      expected: { b1: '2', b2: '3' },
    },
    {
      name: 'also those that a step before set',
      labels: { a: '1' },
      steps: [
        { target_label: 'b', replacement: '2' },
        { regex: 'b', action: 'labeldrop' },
      ],
      expected: { a: '1' },
    },
    {
      name: 'a deleted label can be set again',
      labels: { a: '1' },
      steps: [
        { regex: 'a', action: 'labeldrop' },
        { target_label: 'a', replacement: '2' },
        { source_labels: ['a'], target_label: 'b' },
      ],
      expected: { a: '2', b: '2' },
    },
  ]);
});

test('lowercase and uppercase', () => {
  check([
    {
      name: 'both',
      labels: { a: 'bAr123Foo' },
      steps: [
        { source_labels: ['a'], target_label: 'lower', action: 'lowercase' },
        { source_labels: ['a'], target_label: 'upper', action: 'uppercase' },
      ],
      expected: { a: 'bAr123Foo', lower: 'bar123foo', upper: 'BAR123FOO' },
    },
    {
      name: 'of nothing deletes',
      labels: { b: 'x' },
      steps: [{ source_labels: ['a'], target_label: 'b', action: 'uppercase' }],
      expected: {},
    },
  ]);
});

test('legacy names: a replace to another name does nothing', () => {
  const step: RelabelConfigInput = { source_labels: ['a'], target_label: '${1}', replacement: 'x' };
  const config = createRelabelConfig(step, { nameValidation: 'legacy' });
  assert.deepEqual(relabel(['a', 'b c'], [config]), ['a', 'b c']);
  assert.deepEqual(relabel(['a', 'b_c'], [config]), ['a', 'b_c', 'b_c', 'x']);
});

test('an unchanged label set is returned as it is', () => {
  const labels: Labels = ['a', '1'];
  const steps = [
    createRelabelConfig({ source_labels: ['a'], regex: 'x.*', action: 'drop' }),
    createRelabelConfig({ source_labels: ['a'], regex: 'y', target_label: 'b' }),
    createRelabelConfig({ regex: '__.*', action: 'labeldrop' }),
  ];
  assert.equal(relabel(labels, steps), labels);
  assert.equal(relabel(labels, []), labels);
});
