import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { openDataDirectory } from '#shared/adapters/node/data-directory.ts';
import { explainFullDisk, explainFullDiskSync } from '#shared/adapters/node/storage-error.ts';
import { temporaryFolder } from '../contract/harness.ts';

const MODULE = import.meta.resolve('#shared/adapters/node/data-directory.ts');

describe('openDataDirectory()', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const at = (...segments: string[]) => join(folder.path, ...segments);
  before(async () => {
    folder = await temporaryFolder();
  });
  after(() => folder.remove());

  it('makes the folder, and opens it again', async () => {
    const path = at('new', 'deep');
    for (let i = 0; i < 2; i++) {
      const data = await openDataDirectory(path);
      assert.equal(data.path, path);
      assert.equal(data.file('a', 'b'), join(path, 'a', 'b'));
      data.close();
    }
    assert.deepEqual(JSON.parse(await readFile(join(path, 'emberwatch.json'), 'utf8')), { version: 1 });
  });

  it('keeps a second opener out, in one process and in two, and names the holder', async () => {
    const path = at('held');
    const holder = await startHolder(path);
    const message = `Cannot open data directory "${path}": process ${holder.pid} is using it`;
    await assert.rejects(openDataDirectory(path), { message });
    await kill(holder);
    const data = await openDataDirectory(path);
    await assert.rejects(openDataDirectory(path), {
      message: message.replace(String(holder.pid), String(process.pid)),
    });
    data.close();
    (await openDataDirectory(path)).close();
  });

  it('of starters that race exactly one gets it, also after the holder was killed', async () => {
    const path = at('raced');
    await kill(await startHolder(path));
    const results = await Promise.allSettled(Array.from({ length: 6 }, () => openDataDirectory(path)));
    const winners = results.filter((result) => result.status === 'fulfilled');
    assert.equal(winners.length, 1);
    for (const result of results) {
      if (result.status === 'rejected')
        assert.match(result.reason.message, new RegExp(`process ${process.pid} is using it`));
    }
    winners[0].value.close();
  });

  it('refuses a folder of something else, of another version, or that is none', async () => {
    await mkdir(at('foreign'));
    await writeFile(at('foreign', 'thesis.txt'), 'x');
    await assert.rejects(
      openDataDirectory(at('foreign')),
      /it holds other files \("thesis\.txt"\) and no emberwatch\.json$/,
    );
    (await openDataDirectory(at('old'))).close();
    for (const [text, shown] of [
      ['{"version":2}', '2'],
      ['{', 'not readable'],
    ]) {
      await writeFile(at('old', 'emberwatch.json'), text);
      const message = `Cannot open data directory "${at('old')}": the version in emberwatch.json is ${shown}, expected 1`;
      for (let i = 0; i < 2; i++) await assert.rejects(openDataDirectory(at('old')), { message });
    }
    await writeFile(at('file'), '');
    await assert.rejects(openDataDirectory(at('file')), /^Error: Cannot open data directory ".*file": EEXIST/);
  });

  it('refuses a folder that it cannot write to', {
    skip: process.getuid?.() === 0 && 'root may write anywhere',
  }, async () => {
    await mkdir(at('locked'));
    await chmod(at('locked'), 0o500);
    await assert.rejects(openDataDirectory(at('locked')), /^Error: Cannot open data directory ".*locked": /);
  });
});

describe('a full disk', () => {
  it('is told as one, and other errors as they are', async () => {
    const full = { message: 'No space left in data directory "/data"' };
    for (const code of ['ENOSPC', 'EDQUOT']) {
      const fail = async () => {
        throw Object.assign(new Error('write'), { code });
      };
      await assert.rejects(explainFullDisk('/data', fail), full);
    }
    const other = new Error('other');
    await assert.rejects(
      explainFullDisk('/data', () => Promise.reject(other)),
      other,
    );
  });

  it('is recognised when SQLite finds it', () => {
    const database = new DatabaseSync(':memory:');
    database.exec('PRAGMA max_page_count = 4; CREATE TABLE t (x)');
    const fill = () => database.prepare('INSERT INTO t VALUES (?)').run('x'.repeat(100_000));
    assert.throws(() => explainFullDiskSync('/data', fill), { message: 'No space left in data directory "/data"' });
    assert.throws(() => explainFullDiskSync('/data', () => database.exec('nonsense')), /syntax error/);
    database.close();
  });
});

async function startHolder(path: string): Promise<ChildProcess> {
  const script = `
    const { openDataDirectory } = await import(process.argv[1]);
    globalThis.held = await openDataDirectory(process.argv[2]);
    console.log('held');
    setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '--eval', script, MODULE, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout!, 'data');
  return holder;
}

async function kill(holder: ChildProcess): Promise<void> {
  holder.kill('SIGKILL');
  await once(holder, 'exit');
}
