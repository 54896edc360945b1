import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { compileRegex } from '#shared/model/regex.ts';
import { compileProgram } from '#shared/model/regex-engine.ts';
import { findShortcut } from '#shared/model/regex-shortcut.ts';
import { createRelabelConfig, type RelabelConfigInput } from '#shared/relabel/validate.ts';
import { sharedData, skipWithout } from '#test/support/shared-data.ts';

const LABELS = 'conformance/tables/prom-labels.jsonl';
const RELABEL = 'conformance/tables/prom-relabel.jsonl';
const VERDICTS = 'conformance/prometheus-config-verdicts.tsv';
const CONFIGS = 'conformance/prometheus-config';

interface Row {
  readonly func: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

function rows(path: string, func: string): readonly Row['fields'][] {
  const lines = readFileSync(sharedData(path)!, 'utf8').trim().split('\n');
  return lines
    .map((line) => JSON.parse(line) as Row)
    .filter((row) => row.func === func)
    .map((row) => row.fields);
}

test('shortcuts agree with RE2 on upstream patterns and values', { skip: skipWithout(LABELS) }, () => {
  const texts = rows(LABELS, 'var').flatMap((fields) => Object.values(fields).filter((v) => typeof v === 'string'));
  const patterns = [...texts, ...rows(LABELS, 'TestNewFastRegexMatcher').map((fields) => String(fields[0] ?? ''))];
  let compared = 0;
  let decided = 0;
  for (const pattern of new Set(patterns)) {
    const shortcut = findShortcut(pattern, true);
    const program = compileProgram(pattern, true);
    const regex = compileRegex(pattern);
    for (const value of texts) {
      const expected = program.matchesWhole(value);
      assert.equal(regex.matches(value), expected, `${pattern} on ${JSON.stringify(value)}`);
      if (shortcut?.matches(value) !== undefined) decided++;
      compared++;
    }
  }
  assert.ok(compared > 5000 && decided > compared / 3, `${decided} of ${compared} decided`);
});

test('setMatches are those of upstream', { skip: skipWithout(LABELS) }, () => {
  let compared = 0;
  for (const fields of rows(LABELS, 'TestFindSetMatches')) {
    const { 0: pattern, 1: matches, 2: caseSensitive } = fields;
    if (typeof caseSensitive !== 'boolean') continue;
    const { setMatches } = compileRegex(String(pattern));
    if (caseSensitive) assert.deepEqual(setMatches?.toSorted(), (matches as string[]).toSorted(), String(pattern));
    else if (setMatches !== undefined) assertOnlyMatches(String(pattern), setMatches);
    compared++;
  }
  assert.ok(compared >= 25, `${compared} compared`);
});

/** Where upstream gives no set, ours still has to be right. */
function assertOnlyMatches(pattern: string, setMatches: readonly string[]): void {
  const program = compileProgram(pattern, true);
  for (const value of setMatches) assert.equal(program.matchesWhole(value), true, `${pattern} on ${value}`);
}

test('legacy target labels are those of upstream', { skip: skipWithout(RELABEL) }, () => {
  const table = rows(RELABEL, 'TestTargetLabelLegacyValidity');
  assert.ok(table.length >= 16);
  for (const { 0: target, 1: valid } of table) {
    const create = () =>
      createRelabelConfig({ action: 'labelmap', replacement: String(target) }, { nameValidation: 'legacy' });
    if (valid) create();
    else assert.throws(create, SyntaxError, String(target));
  }
});

test('relabelling steps of configurations get the verdict of promtool', { skip: skipWithout(VERDICTS) }, () => {
  let accepted = 0;
  let refused = 0;
  for (const { file, failed, output } of verdicts()) {
    const steps = relabelSteps(file);
    const message = steps.map(messageOf).find((text) => text !== undefined);
    if (!failed) assert.equal(message, undefined, file);
    if (!failed) accepted += steps.length;
    if (message === undefined) continue;
    assert.ok(output.includes(message), `${file}: ${message}, promtool: ${output}`);
    refused++;
  }
  assert.ok(accepted >= 10 && refused >= 20, `${accepted} accepted, ${refused} refused`);
});

/** Without those on the YAML itself. */
function verdicts(): { file: string; failed: boolean; output: string }[] {
  const lines = readFileSync(sharedData(VERDICTS)!, 'utf8').trim().split('\n');
  const cells = lines.map((line) => line.split('\t'));
  return cells
    .filter(([command, file]) => command === 'promtool check config --syntax-only' && file.startsWith('prometheus/'))
    .filter(([, , , output]) => !output.includes('yaml: '))
    .map(([, path, code, output]) => ({ file: path.split('/').at(-1)!, failed: code !== '0', output }));
}

/** All steps of all `*relabel_configs`, but those that are no steps. */
function relabelSteps(file: string): readonly RelabelConfigInput[] {
  const path = sharedData(`${CONFIGS}/${file}`);
  if (path === undefined) return [];
  const steps: RelabelConfigInput[] = [];
  const visit = (value: unknown, key: string): void => {
    if (typeof value !== 'object' || value === null) return;
    if (key.endsWith('relabel_configs') && Array.isArray(value))
      steps.push(...value.filter((step) => step !== null).map(textual));
    for (const [name, child] of Object.entries(value)) visit(child, name);
  };
  visit(parse(readFileSync(path, 'utf8'), { merge: true, logLevel: 'silent' }), '');
  return steps;
}

/** Upstream's fields take any scalar for text. */
function textual(step: Record<string, unknown>): RelabelConfigInput {
  const isScalar = (name: string, value: unknown) => name !== 'modulus' && typeof value === 'number';
  return Object.fromEntries(
    Object.entries(step).map(([name, value]) => [name, isScalar(name, value) ? String(value) : value]),
  );
}

function messageOf(step: RelabelConfigInput): string | undefined {
  try {
    createRelabelConfig(step);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
