// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of Go's regexp.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NameValidation } from '#shared/relabel/relabel-config.ts';
import { createRelabelConfig, type RelabelConfigInput } from '#shared/relabel/validate.ts';

test('createRelabelConfig() fills in the defaults', () => {
  const { regex, ...rest } = createRelabelConfig({ target_label: 'd' });
  assert.equal(regex.source, '(.*)');
  assert.deepEqual(rest, {
    sourceLabels: [],
    separator: ';',
    regexText: '(.*)',
    modulus: 0,
    targetLabel: 'd',
    replacement: '$1',
    action: 'replace',
    nameValidation: 'utf8',
  });
});

test('createRelabelConfig() keeps what is explicitly empty', () => {
  const empty = createRelabelConfig({ target_label: 'd', separator: '', replacement: '', regex: '' });
  assert.deepEqual([empty.separator, empty.replacement, empty.regexText], ['', '', '']);
  const none = createRelabelConfig({ target_label: 'd', separator: null, replacement: null, regex: null });
  assert.deepEqual([none.separator, none.replacement, none.regexText], ['', '', '']);
});

test('createRelabelConfig() takes actions in any case', () => {
  assert.equal(createRelabelConfig({ action: 'LabelDrop', regex: 'a' }).action, 'labeldrop');
});

test('createRelabelConfig() refuses with the words of Prometheus', () => {
  const equalOnly = "action requires only 'source_labels' and `target_label`, and no other fields";
  const regexOnly = "action requires only 'regex', and no other fields";
  const table: { input: RelabelConfigInput; validation?: NameValidation; expected: string }[] = [
    { input: { action: 'nope' }, expected: 'unknown relabel action "nope"' },
    { input: { action: '' }, expected: 'unknown relabel action ""' },
    { input: { action: null }, expected: 'relabel action cannot be empty' },
    { input: {}, expected: "relabel configuration for replace action requires 'target_label' value" },
    {
      input: { action: 'Lowercase' },
      expected: "relabel configuration for lowercase action requires 'target_label' value",
    },
    {
      input: { action: 'hashmod', target_label: 'a' },
      expected: 'relabel configuration for hashmod requires non-zero modulus',
    },
    {
      input: { action: 'hashmod', modulus: 4 },
      expected: "relabel configuration for hashmod action requires 'target_label' value",
    },
    {
      input: { action: 'lowercase', target_label: '${3}' },
      validation: 'legacy',
      expected: '"${3}" is invalid \'target_label\' for lowercase action',
    },
    {
      input: { action: 'hashmod', modulus: 2, target_label: 'a b' },
      validation: 'legacy',
      expected: '"a b" is invalid \'target_label\' for hashmod action',
    },
    {
      input: { target_label: '0${3}' },
      validation: 'legacy',
      expected: '"0${3}" is invalid \'target_label\' for replace action',
    },
    {
      input: { target_label: 'a-b' },
      validation: 'legacy',
      expected: '"a-b" is invalid \'target_label\' for replace action',
    },
    {
      input: { action: 'labelmap', replacement: '' },
      expected: '"" is invalid \'replacement\' for labelmap action',
    },
    {
      input: { action: 'labelmap', replacement: '${1}-x' },
      validation: 'legacy',
      expected: '"${1}-x" is invalid \'replacement\' for labelmap action',
    },
    {
      input: { action: 'uppercase', target_label: 'a', replacement: 'x' },
      expected: "'replacement' can not be set for uppercase action",
    },
    {
      input: { action: 'keepequal', target_label: 'a', regex: '(.*)' },
      expected: `keepequal ${equalOnly}`,
    },
    {
      input: { action: 'dropequal', target_label: 'a', separator: '' },
      expected: `dropequal ${equalOnly}`,
    },
    { input: { action: 'dropequal', target_label: 'a', modulus: 1 }, expected: `dropequal ${equalOnly}` },
    { input: { action: 'labeldrop', source_labels: [] }, expected: `labeldrop ${regexOnly}` },
    { input: { action: 'labelkeep', target_label: 'a' }, expected: `labelkeep ${regexOnly}` },
    { input: { action: 'labelkeep', replacement: 'a' }, expected: `labelkeep ${regexOnly}` },
    { input: { source_labels: [''], target_label: 'a' }, expected: '"" is not a valid label name' },
    {
      input: { regex: 'abc(def', target_label: 'a' },
      expected: 'error parsing regexp: missing closing ): `^(?s:abc(def)$`',
    },
    {
      input: { action: 'hashmod', modulus: -1, target_label: 'a' },
      expected: 'Cannot use modulus -1: expected an integer from 0 to 9007199254740991',
    },
  ];
  for (const { input, validation, expected } of table) {
    assert.throws(() => createRelabelConfig(input, { nameValidation: validation }), { message: expected });
  }
});

test('createRelabelConfig() accepts', () => {
  const table: { input: RelabelConfigInput; validation?: NameValidation }[] = [
    { input: { target_label: '${3}' } },
    { input: { target_label: '-${3}' } },
    { input: { target_label: 'a b' } },
    { input: { target_label: 'foo${bar}foo' }, validation: 'legacy' },
    { input: { target_label: '_$1_' }, validation: 'legacy' },
    { input: { action: 'labeldrop', regex: 'a', source_labels: null } },
    { input: { action: 'labelmap', replacement: '${1}-x' } },
    { input: { action: 'keepequal', source_labels: ['a'], target_label: 'b' } },
    { input: { action: 'hashmod', source_labels: ['a'], target_label: 'b', modulus: 8 } },
  ];
  for (const { input, validation } of table) createRelabelConfig(input, { nameValidation: validation });
});

test('the legacy template check takes linear time', () => {
  const target = `${'$aaaaaaaa'.repeat(5000)}!`;
  assert.throws(() => createRelabelConfig({ target_label: target }, { nameValidation: 'legacy' }), SyntaxError);
});
