import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseMatchers, parseUtf8Matchers } from '#shared/alerting/matchers.ts';
import { loadAlertmanagerConfig } from '#shared/config/load-alertmanager.ts';
import { loadPrometheusConfig } from '#shared/config/load-prometheus.ts';
import { loadRuleFile } from '#shared/config/load-rules.ts';
import { sharedData, skipWithout } from '#test/support/shared-data.ts';

interface Verdict {
  readonly command: string;
  readonly file: string;
  readonly ok: boolean;
  readonly output: string;
}

const VERDICTS = 'conformance/prometheus-config-verdicts.tsv';

function readVerdicts(command: string, folder: string): readonly Verdict[] {
  const lines = readFileSync(sharedData(VERDICTS)!, 'utf8').trim().split('\n').slice(1);
  const verdicts = lines.map((line) => line.split('\t'));
  return verdicts
    .filter(([tool, file]) => tool === command && file.startsWith(folder))
    .map(([tool, file, status, output]) => ({ command: tool, file, ok: status === '0', output }));
}

/** What loading says: nothing when it is good. */
function problemOf(load: () => unknown): string {
  try {
    load();
    return '';
  } catch (error) {
    assert.equal((error as Error).name, 'ConfigError', (error as Error).stack);
    return (error as Error).message;
  }
}

interface Tally {
  readonly same: number;
  /** Refused for what is not supported yet, which is named. */
  readonly unsupported: number;
  readonly different: readonly string[];
}

function compare(verdicts: readonly Verdict[], load: (path: string) => string): Tally {
  const different: string[] = [];
  let same = 0;
  let unsupported = 0;
  for (const verdict of verdicts) {
    const problem = load(verdict.file);
    if ((problem === '') === verdict.ok) same++;
    else if (problem.includes('not supported yet')) unsupported++;
    else different.push(`${verdict.file}: ours ${problem || 'accepts'}, upstream ${verdict.output}`);
  }
  return { same, unsupported, different };
}

/** Bad files whose fault is in a part that is here: our message must hold upstream's. */
function differentWords(verdicts: readonly Verdict[], load: (path: string) => string): readonly string[] {
  const different: string[] = [];
  for (const { file, ok, output } of verdicts) {
    const problem = load(file);
    if (ok || problem === '' || problem.includes('not supported yet')) continue;
    const words = coreMessage(output);
    if (!words.some((word) => problem.includes(word))) different.push(`${file}:\n  ours ${problem}\n  theirs ${words}`);
  }
  return different;
}

/** The messages of an output, without the tool's frame and positions. */
function coreMessage(output: string): readonly string[] {
  const said = output.slice(output.indexOf('FAILED:') + 'FAILED:'.length).split(' | ');
  return said
    .map((part) =>
      part
        .replace(/^\s*parsing YAML file [^:]+: /, '')
        .replace(/^\s*[\w.-]+\.ya?ml: /, '')
        .replace(/^(\s*\d+:\d+: )+/, '')
        .replace(/^\s*line \d+: /, '')
        .replace(/^yaml: unmarshal errors:/, '')
        .trim(),
    )
    .filter((part) => part !== '' && !part.startsWith('amtool: error'));
}

const read = (path: string) => readFileSync(path, 'utf8');
const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);

function loadPrometheus(file: string): string {
  const path = sharedData(`conformance/prometheus-config/${nameOf(file)}`)!;
  return problemOf(() => loadPrometheusConfig(nameOf(file), read(path), () => undefined));
}

test('prometheus.yml: the verdict is that of promtool', { skip: skipWithout(VERDICTS) }, (context) => {
  const verdicts = readVerdicts('promtool check config --syntax-only', 'prometheus/config/');
  const { same, unsupported, different } = compare(verdicts, loadPrometheus);
  context.diagnostic(`${same} same, ${unsupported} not supported yet, ${different.length} different`);
  assert.deepEqual(different, []);
  assert.ok(same >= 150, `${same} same`);
  assert.deepEqual(
    differentWords(verdicts, loadPrometheus).map((line) => line.split(':')[0]),
    DIFFERENT_WORDS,
  );
});

/** Both hold bytes that are not UTF-8: here the reader refuses them, upstream what uses them. */
const DIFFERENT_WORDS: readonly string[] = [
  'prometheus/config/testdata/labelname.bad.yml',
  'prometheus/config/testdata/labelvalue.bad.yml',
];

function loadRules(file: string): string {
  const name = file
    .replace('prometheus/rules/fixtures/', 'fixtures/')
    .replace('prometheus/model/rulefmt/testdata/', '');
  const path = sharedData(`conformance/rule-files/${name}`)!;
  return problemOf(() => loadRuleFile(nameOf(file), read(path), { evaluationIntervalMs: 60_000, queryOffsetMs: 0 }));
}

test('rule files: verdict and words are those of promtool', { skip: skipWithout(VERDICTS) }, (context) => {
  const verdicts = readVerdicts('promtool check rules --lint=none', 'prometheus/');
  const { same, unsupported, different } = compare(verdicts, loadRules);
  context.diagnostic(`${same} same`);
  assert.deepEqual({ unsupported, different }, { unsupported: 0, different: [] });
  assert.deepEqual(differentWords(verdicts, loadRules), []);
});

function loadAlertmanager(file: string): string {
  const path = sharedData(`conformance/alertmanager-config/${nameOf(file)}`)!;
  return problemOf(() => loadAlertmanagerConfig(nameOf(file), read(path)));
}

test('alertmanager.yml: the verdict is that of amtool', { skip: skipWithout(VERDICTS) }, (context) => {
  const verdicts = readVerdicts('amtool check-config', 'alertmanager/').filter(({ file }) =>
    existsSync(sharedData(`conformance/alertmanager-config/${nameOf(file)}`) ?? ''),
  );
  const { same, unsupported, different } = compare(verdicts, loadAlertmanager);
  context.diagnostic(`${same} same, ${unsupported} not supported yet, ${different.length} different`);
  assert.deepEqual(different, []);
  assert.deepEqual(differentWords(verdicts, loadAlertmanager), []);
});

interface MatcherRow {
  readonly file: string;
  readonly func: string;
  readonly fields: { readonly input?: string; readonly error?: string; readonly err?: string };
}

const MATCHERS = 'conformance/tables/am-matchers.jsonl';

function readMatcherRows(file: string): readonly { readonly input: string; readonly error: string }[] {
  const lines = read(sharedData(MATCHERS)!).trim().split('\n');
  const rows = lines.map((line) => JSON.parse(line) as MatcherRow);
  return rows
    .filter((row) => row.file === file && row.func === 'TestMatchers' && row.fields.input !== undefined)
    .map(({ fields }) => ({ input: fields.input!, error: fields.error ?? fields.err ?? '' }));
}

test('matchers: the UTF-8 parser accepts and says what upstream does', { skip: skipWithout(MATCHERS) }, () => {
  const rows = readMatcherRows('matcher/parse/parse_test.go');
  assert.ok(rows.length > 40, `${rows.length} rows`);
  const ours = rows.map(({ input }) => ({ input, error: messageOf(() => parseUtf8Matchers(input)) }));
  assert.deepEqual(ours, rows);
});

test('matchers: what no parser understands has the classic words', { skip: skipWithout(MATCHERS) }, () => {
  const rows = readMatcherRows('pkg/labels/parse_test.go');
  assert.ok(rows.length > 50, `${rows.length} rows`);
  for (const { input, error } of rows) {
    const isUtf8 = messageOf(() => parseUtf8Matchers(input)) === '';
    assert.equal(
      messageOf(() => parseMatchers(input)),
      isUtf8 ? '' : error,
      input,
    );
  }
});

function messageOf(parse: () => unknown): string {
  try {
    parse();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}
