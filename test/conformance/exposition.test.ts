import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseOpenMetrics } from '#shared/exposition/openmetrics-parser.ts';
import { ExpositionError, type Page } from '#shared/exposition/page.ts';
import { parsePage } from '#shared/exposition/parse.ts';
import { parseText } from '#shared/exposition/text-parser.ts';
import { formatFloatJson } from '#shared/model/float.ts';
import { labelPairs } from '#shared/model/labels.ts';
import { sharedData, skipWithout } from '#test/support/shared-data.ts';

const SUITE = 'conformance/openmetrics';
const VERDICTS = 'conformance/openmetrics-testsuite-vs-prometheus-3.16.tsv';
const STORED = 'conformance/openmetrics-testsuite-prometheus-3.16-samples.json';
const TABLES = 'conformance/tables/prom-textparse.jsonl';
const PAGES = 'conformance/exposition';

/** The page or what upstream would say of it. */
function outcome(parse: () => Page): Page | string {
  try {
    return parse();
  } catch (error) {
    if (error instanceof ExpositionError) return error.reason;
    throw error;
  }
}

/** A case of the OpenMetrics suite as it was served to the real Prometheus. */
function suitePage(name: string): Page | string {
  const { type } = JSON.parse(readFileSync(sharedData(`${SUITE}/${name}/test.json`)!, 'utf8'));
  assert.equal(type, 'text');
  return outcome(() => parsePage(readFileSync(sharedData(`${SUITE}/${name}/metrics`)!), 'OpenMetricsText1.0.0'));
}

test('the OpenMetrics suite gets the verdicts and errors of Prometheus 3.16', { skip: skipWithout(VERDICTS) }, () => {
  const rows = readFileSync(sharedData(VERDICTS)!, 'utf8').trimEnd().split('\n').slice(1);
  assert.ok(rows.length > 200);
  for (const row of rows) {
    const [name, , up, ...lastError] = row.split('\t');
    const page = suitePage(name);
    assert.equal(typeof page === 'string' ? page : '', up === 'True' ? '' : lastError.join('\t'), name);
  }
});

/** What an instant query finds of a page scraped from a target with job and instance: of repeated series the last by time,
 *  the first at one time. */
function storedSamples({ labels, values, timestampsMs }: Page): Map<string, string> {
  const found = new Map<string, { readonly atMs: number; readonly value: string }>();
  labels.forEach((series, i) => {
    const pairs = [...labelPairs(series)].map(([name, value]) => [
      name === 'job' || name === 'instance' ? `exported_${name}` : name,
      value,
    ]);
    const key = JSON.stringify(pairs.sort());
    const atMs = Number.isNaN(timestampsMs[i]) ? Number.POSITIVE_INFINITY : timestampsMs[i];
    const known = found.get(key);
    if (known === undefined || atMs > known.atMs) found.set(key, { atMs, value: formatFloatJson(values[i]) });
  });
  return new Map([...found].map(([key, { value }]) => [key, value]));
}

test('the OpenMetrics suite gives the samples Prometheus 3.16 stored', { skip: skipWithout(STORED) }, () => {
  const cases: Record<string, [Record<string, string>, string][]> = JSON.parse(
    readFileSync(sharedData(STORED)!, 'utf8'),
  );
  for (const [name, stored] of Object.entries(cases)) {
    const page = suitePage(name);
    assert.ok(typeof page !== 'string', name);
    const expected = stored.map(([labels, value]) => [JSON.stringify(Object.entries(labels).sort()), value]);
    assert.deepEqual([...storedSamples(page)].sort(), expected.sort(), name);
  }
});

/** The rows hold the invalid byte 0xff as U+FFFD. */
function tableBytes(input: string): Uint8Array {
  return Buffer.concat(
    input.split(/(\ufffd)/).map((part) => Buffer.from(part === '\ufffd' ? [0xff] : Buffer.from(part))),
  );
}

test('upstream’s tables of errors get upstream’s errors', { skip: skipWithout(TABLES) }, () => {
  const parsers = new Map([
    ['TestPromParseErrors', parseText],
    ['TestPromNullByteHandling', parseText],
    ['TestOpenMetricsParseErrors', parseOpenMetrics],
    ['TestOMNullByteHandling', parseOpenMetrics],
  ]);
  let checked = 0;
  for (const line of readFileSync(sharedData(TABLES)!, 'utf8').trimEnd().split('\n')) {
    const { func, fields } = JSON.parse(line);
    const parse = parsers.get(func);
    if (parse === undefined || fields.input === undefined) continue;
    const page = outcome(() => parse(tableBytes(fields.input)));
    assert.equal(typeof page === 'string' ? page : '', fields.err === 'EOF' ? '' : fields.err, fields.input);
    checked++;
  }
  assert.ok(checked > 100, `${checked} rows`);
});

/** Samples and metric families that upstream's parsers find on real pages. */
const PAGE_COUNTS: Readonly<Record<string, readonly [samples: number, families: number]>> = {
  '1histogram.om.txt': [42, 1],
  'alltypes.237mfs.nometa.prom.txt': [1857, 0],
  'alltypes.237mfs.prom.txt': [1857, 237],
  'alltypes.5mfs.om.txt': [53, 5],
  'alltypes.bench.om.txt': [123, 30],
  'ct.bench.om.txt': [80, 9],
  'histograms.bench.om.txt': [147, 7],
  'prometheus.om1.txt': [2531, 264],
  'node_exporter/e2e-64k-page-output.txt': [3002, 1223],
  'node_exporter/e2e-output-darwin.txt': [103, 96],
  'node_exporter/e2e-output-dragonfly.txt': [89, 81],
  'node_exporter/e2e-output-freebsd.txt': [106, 95],
  'node_exporter/e2e-output-netbsd.txt': [52, 77],
  'node_exporter/e2e-output-openbsd.txt': [101, 86],
  'node_exporter/e2e-output-solaris.txt': [84, 75],
  'node_exporter/e2e-output.txt': [3026, 1227],
};

test('real pages have as many samples and families as upstream finds', { skip: skipWithout(PAGES) }, () => {
  const folders = ['', 'node_exporter/'];
  const files = folders.flatMap((folder) =>
    readdirSync(sharedData(`${PAGES}/${folder}`)!)
      .filter((file) => file.endsWith('.txt') && !file.includes('.om2.'))
      .map((file) => folder + file),
  );
  for (const file of files) {
    const body = readFileSync(sharedData(`${PAGES}/${file}`)!);
    const page = file.includes('.om') ? parseOpenMetrics(body) : parseText(body);
    assert.deepEqual([page.labels.length, page.metadata.length], PAGE_COUNTS[file], file);
  }
});
