import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freePort, type LocalProcess, startLocal, temporaryFolder } from '#test/support/local-process.ts';
import { findOracle } from '#test/support/oracle.ts';

const exporter = findOracle('node_exporter');

/** A real exporter, registered through the API, at the usual 15 s. About a minute and a half. */
describe('a registered node_exporter', { skip: exporter === undefined && 'node_exporter is not here' }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let local: LocalProcess;
  let target: ChildProcess;
  let address: string;
  let id: string;

  before(async () => {
    folder = await temporaryFolder();
    address = `127.0.0.1:${await freePort()}`;
    target = spawn(exporter!, [`--web.listen-address=${address}`], { stdio: 'ignore' });
    const config = join(folder.path, 'prometheus.yml');
    await writeFile(config, 'global:\n  scrape_interval: 15s\n');
    local = await startLocal([`--config.file=${config}`, `--storage.path=${folder.path}/data`], await freePort());
  });
  after(async () => {
    target.kill('SIGKILL');
    await local?.kill('SIGKILL');
    await folder.remove();
  });

  const query = (expr: string) => `/api/v1/query?query=${encodeURIComponent(expr)}`;

  it('answers within 30 s of its registration', async () => {
    const answer = await fetch(`${local.url}/api/v1/registry/targets`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ address, job: 'node' }),
    });
    assert.equal(answer.status, 201);
    id = answer.headers.get('location')!.split('/').at(-1)!;
    await local.until(query(`node_load1{instance="${address}"}`), (body) => body.includes('"result":[{'), 30_000);
  });

  it('has samples exactly 15 s apart', async () => {
    const three = query(`count_over_time(node_load1{instance="${address}"}[5m]) >= 3`);
    await local.until(three, (body) => body.includes('"result":[{'), 45_000);
    const { body } = await local.get(query(`node_load1{instance="${address}"}[5m]`));
    const times = [...body.matchAll(/\[(\d+(?:\.\d+)?),"/g)].map((match) => Number(match[1]));
    const gaps = times.slice(1).map((time, i) => time - times[i]);
    assert.deepEqual(
      gaps,
      gaps.map(() => 15),
    );
    assert.equal(times[0] % 15, 0);
  });

  it('is down within an interval and its timeout of its death, and its series are stale', async () => {
    target.kill('SIGKILL');
    await once(target, 'exit');
    await local.until(query(`up{instance="${address}"} == 0`), (body) => body.includes('"result":[{'), 25_000);
    const { body } = await local.get(query(`node_load1{instance="${address}"}`));
    assert.match(body, /"result":\[\]/);
    const targets = await local.get('/api/v1/targets');
    assert.match(targets.body, /connect: connection refused"/);
  });

  it('is gone from the targets once deleted', async () => {
    const answer = await fetch(`${local.url}/api/v1/registry/targets/${id}`, { method: 'DELETE' });
    assert.equal(answer.status, 204);
    await local.until('/api/v1/targets', (body) => !body.includes(address), 10_000);
    await local.until(query(`up{instance="${address}"}`), (body) => body.includes('"result":[]'), 25_000);
  });
});
