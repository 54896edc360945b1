import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BlockMeta, blockMetaChecksum, formatBlockMeta, parseBlockMeta } from '#shared/tsdb/block/block-meta.ts';

const ULID = '01M827Y2FRD4TKPEPZEF84GBZ0';
const PARENT = '01M827Y2FRD4TKPEPZEF84GBZ1';

const META: BlockMeta = {
  ulid: ULID,
  minTime: 0,
  maxTime: 7_200_000,
  stats: {
    numSamples: 5,
    numFloatSamples: 5,
    numHistogramSamples: 0,
    numSeries: 2,
    numChunks: 2,
    numTombstones: 0,
  },
  compaction: {
    level: 2,
    sources: [ULID, PARENT],
    parents: [{ ulid: PARENT, minTime: 0, maxTime: 3_600_000 }],
    hints: ['from-out-of-order'],
    deletable: true,
    failed: true,
  },
};

test('formatBlockMeta() writes as Prometheus does, and parseBlockMeta() reads it', () => {
  const text = `{
	"ulid": "${ULID}",
	"minTime": 0,
	"maxTime": 7200000,
	"stats": {
		"numSamples": 5,
		"numFloatSamples": 5,
		"numSeries": 2,
		"numChunks": 2
	},
	"compaction": {
		"level": 2,
		"sources": [
			"${ULID}",
			"${PARENT}"
		],
		"deletable": true,
		"parents": [
			{
				"ulid": "${PARENT}",
				"minTime": 0,
				"maxTime": 3600000
			}
		],
		"failed": true,
		"hints": [
			"from-out-of-order"
		]
	},
	"version": 1
}`;
  assert.equal(formatBlockMeta(META), text);
  assert.deepEqual(parseBlockMeta(text), META);
});

test('parseBlockMeta() passes over fields of others, and takes what may be missing', () => {
  const text = `{"ulid":"${ULID}","minTime":-1,"maxTime":1,"compaction":{"level":1},"version":1,"thanos":{"labels":{}}}`;
  const meta = parseBlockMeta(text);
  assert.equal(meta.stats.numSamples, 0);
  assert.deepEqual(meta.compaction.sources, []);
});

test('parseBlockMeta() refuses what is wrong', () => {
  const good = JSON.parse(formatBlockMeta(META));
  const cases = [
    { change: { version: 2 }, expected: 'unexpected meta file version 2' },
    { change: { ulid: 'x' }, expected: 'Cannot read block meta: expected a ULID in the file, got "x"' },
    { change: { minTime: '0' }, expected: 'Cannot read block meta: expected a whole number as minTime, got "0"' },
    { change: { stats: [] }, expected: 'Cannot read block meta: expected an object as stats, got []' },
    { change: { stats: { numSeries: -1 } }, expected: 'Cannot read block meta: expected a count as numSeries, got -1' },
    { change: { compaction: {} }, expected: 'Cannot read block meta: expected a whole number as level, got undefined' },
  ];
  for (const { change, expected } of cases) {
    assert.throws(() => parseBlockMeta(JSON.stringify({ ...good, ...change })), {
      name: 'TypeError',
      message: expected,
    });
  }
  assert.throws(() => parseBlockMeta('{'), SyntaxError);
});

test('blockMetaChecksum() does not change with what may change later', () => {
  const later = {
    ...META,
    stats: { ...META.stats, numTombstones: 3 },
    compaction: { ...META.compaction, deletable: false, failed: false },
  };
  assert.equal(blockMetaChecksum(later), blockMetaChecksum(META));
  assert.notEqual(blockMetaChecksum({ ...META, maxTime: 7_200_001 }), blockMetaChecksum(META));
});
