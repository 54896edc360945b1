import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SharedRuns } from '#shared/tsdb/head/shared-runs.ts';

/** Work that ends when it is told to; says how often it began. */
function openWork() {
  const ends: PromiseWithResolvers<string>[] = [];
  const work = () => {
    const end = Promise.withResolvers<string>();
    ends.push(end);
    return end.promise;
  };
  return { ends, work };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test('run() shares the next run, not the one at work', async () => {
  const runs = new SharedRuns<string>();
  const { ends, work } = openWork();
  const first = runs.run('a', work);
  const second = runs.run('a', work);
  const third = runs.run('a', work);
  assert.equal(ends.length, 1);
  ends[0].resolve('one');
  assert.equal(await first, 'one');
  await settle();
  assert.equal(ends.length, 2);
  const fourth = runs.run('a', work);
  ends[1].resolve('two');
  assert.deepEqual(await Promise.all([second, third]), ['two', 'two']);
  await settle();
  ends[2].resolve('three');
  assert.equal(await fourth, 'three');
  await settle();
  const fifth = runs.run('a', work);
  assert.equal(ends.length, 4);
  ends[3].resolve('four');
  assert.equal(await fifth, 'four');
});

test('run() keeps keys apart', () => {
  const runs = new SharedRuns<string>();
  const { ends, work } = openWork();
  void runs.run('a', work);
  void runs.run('b', work);
  assert.equal(ends.length, 2);
});

test('run() goes on after a failure', async () => {
  const runs = new SharedRuns<string>();
  const { ends, work } = openWork();
  const first = runs.run('a', work);
  const second = runs.run('a', work);
  ends[0].reject(new Error('no'));
  await assert.rejects(first, /no/);
  await settle();
  ends[1].resolve('yes');
  assert.equal(await second, 'yes');
});
