import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openOpenMetrics } from '#functions/cli/tsdb/openmetrics-text.ts';
import { parseOpenMetrics } from '#shared/exposition/openmetrics-parser.ts';
import { formatLabels } from '#shared/model/labels.ts';
import { freePath, write } from './tsdb-folder.ts';

const TEXT = [
  '# HELP h Says\\n# TYPE h counter',
  '# TYPE h histogram',
  'h_bucket{le="1"} 1 1',
  'h_bucket{le="2"} 2 1 # {trace="é"} 0.5',
  '# TYPE s summary',
  's{quantile="1"} 3 1',
  `long{x="${'語'.repeat(100)}",le="1"} 4 1`,
  '# TYPE g gauge',
  'g{le="1"} NaN 2.5',
  '# EOF',
  '',
].join('\n');

async function parsed(text: string, pieceBytes: number): Promise<readonly string[]> {
  const path = freePath();
  write(path, text);
  const opened = await openOpenMetrics(path, pieceBytes);
  const samples: string[] = [];
  try {
    for await (const page of opened.pages()) {
      page.labels.forEach((labels, i) => {
        samples.push(`${formatLabels(labels)} ${page.values[i]} ${page.timestampsMs[i]}`);
      });
    }
  } finally {
    await opened.close();
  }
  return samples;
}

test('a text in pieces of any size is the same samples as the whole', async () => {
  const whole = parseOpenMetrics(new TextEncoder().encode(TEXT));
  const expected = whole.labels.map(
    (labels, i) => `${formatLabels(labels)} ${whole.values[i]} ${whole.timestampsMs[i]}`,
  );
  assert.ok(expected.includes('h_bucket{le="2.0"} 2 1000'));
  for (const pieceBytes of [1, 7, 20, 64, 100, TEXT.length, 10_000]) {
    assert.deepEqual(await parsed(TEXT, pieceBytes), expected, `${pieceBytes} bytes`);
  }
});

test('a text in pieces is refused where the whole is', async () => {
  const cases = [
    { text: 'a 1 1\nb 2 2\n', expected: /data does not end with # EOF/ },
    { text: 'a 1 1\n# EOF\nb 2 2\n', expected: /unexpected data after # EOF/ },
    { text: 'a 1 1\n# EOF\n# EOF\n', expected: /unexpected data after # EOF/ },
    { text: 'a 1 1\nb{ 2\n# EOF\n', expected: /while parsing: "b\{/ },
    { text: '', expected: /data does not end with # EOF/ },
  ];
  for (const { text, expected } of cases) {
    for (const pieceBytes of [1, 6, 1000]) await assert.rejects(parsed(text, pieceBytes), expected);
  }
});
