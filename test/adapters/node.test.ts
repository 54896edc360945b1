import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { createVirtualClock } from '#shared/adapters/memory/clock.ts';
import { createSystemClock } from '#shared/adapters/node/clock.ts';
import { createLocalFiles } from '#shared/adapters/node/files.ts';
import { createLineLogger } from '#shared/adapters/node/logger.ts';
import { openNodePorts } from '#shared/adapters/node/node-ports.ts';
import { decodeRecordData, encodeRecordData } from '#shared/adapters/node/record-json.ts';
import { createLocalSecrets } from '#shared/adapters/node/secrets.ts';
import { matchGlob } from '#shared/ports/glob.ts';
import { copyRecordData } from '#shared/ports/record-store-rules.ts';
import { utf8Length } from '#shared/ports/utf8.ts';
import { bytesOf, temporaryFolder, textOf } from '../contract/harness.ts';

describe('openNodePorts()', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  before(async () => {
    folder = await temporaryFolder();
  });
  after(() => folder.remove());

  it('finds everything again after a restart', async () => {
    const dataDir = join(folder.path, 'restart');
    const clock = createVirtualClock(1_000_000);
    const first = await openNodePorts({ dataDir, clock });
    const put = await first.objects.put('a/b', bytesOf('object'));
    await first.records.write({ kind: 'put', partition: 'p', sort: 's', data: { n: 1 }, expiresAtMs: 5_000_000 });
    await first.queue('work').send([{ body: 'now' }, { body: 'later', delaySeconds: 60 }]);
    const [taken] = await first.queue('work').receive(1);
    await first.mailer.send({ messageId: '1@x', from: 'a@x', to: ['b@x'], subject: 's', text: 't' });
    await first.close();

    const second = await openNodePorts({ dataDir, clock });
    const object = await second.objects.get('a/b');
    assert.deepEqual([textOf(object?.body), object?.etag], ['object', put.ok && put.etag]);
    assert.equal((await second.records.get('p', 's'))?.version, 1);
    // The process that had taken it is gone.
    assert.equal(await second.queue('work').nextDueMs(), 1_000_000);
    await second.queue('work').acknowledge([taken.receipt]);
    assert.equal(await second.queue('work').nextDueMs(), 1_060_000);
    assert.deepEqual(
      (await second.outbox.list()).map(({ id }) => id),
      ['1@x.eml'],
    );
    await second.close();
  });

  it('leaves nothing open when it fails', async () => {
    const dataDir = join(folder.path, 'failing');
    await mkdir(dataDir);
    await (await openNodePorts({ dataDir })).close();
    const queues = new DatabaseSync(join(dataDir, 'queues.db'));
    queues.exec('PRAGMA user_version = 9');
    await assert.rejects(
      openNodePorts({ dataDir }),
      /^Error: Cannot open database ".*queues\.db": its version is 9, expected 1$/,
    );
    queues.exec('PRAGMA user_version = 1');
    queues.close();
    await (await openNodePorts({ dataDir })).close();
  });

  it('sweeps expired records from the disk', async () => {
    const dataDir = join(folder.path, 'sweep');
    const clock = createVirtualClock(1000);
    const ports = await openNodePorts({ dataDir, clock });
    const write = (sort: string, expiresAtMs?: number) =>
      ports.records.write({ kind: 'put', partition: 'p', sort, data: {}, expiresAtMs });
    for (let i = 0; i < 5; i++) await write(`old${i}`, 2000);
    await clock.advanceTo(2000);
    for (let i = 0; i < 520; i++) await write('other');
    const database = new DatabaseSync(join(dataDir, 'records.db'), { readOnly: true });
    assert.deepEqual({ ...database.prepare('SELECT count(*) AS n FROM records').get() }, { n: 1 });
    database.close();
    await ports.close();
  });

  it('keeps objects as files at their keys, where other tools can read them', async () => {
    const dataDir = join(folder.path, 'plain');
    const ports = await openNodePorts({ dataDir });
    await ports.objects.put('blocks/01J/meta.json', bytesOf('{}'));
    assert.equal(await readFile(join(dataDir, 'objects/blocks/01J/meta.json'), 'utf8'), '{}');
    await ports.objects.delete('blocks/01J/meta.json');
    assert.deepEqual(await readdir(join(dataDir, 'objects')), []);
    assert.deepEqual(await readdir(join(dataDir, 'tmp')), []);
    await ports.close();
  });

  it('notices that an object was changed behind its back', async () => {
    const dataDir = join(folder.path, 'changed');
    const ports = await openNodePorts({ dataDir });
    const put = await ports.objects.put('a', bytesOf('before'));
    assert.ok(put.ok);
    const path = join(dataDir, 'objects/a');
    await writeFile(`${path}.new`, 'after!');
    await rename(`${path}.new`, path);
    const got = await ports.objects.get('a');
    assert.equal(textOf(got?.body), 'after!');
    assert.notEqual(got?.etag, put.etag);
    assert.equal((await ports.objects.put('a', bytesOf('x'), { ifMatch: put.etag })).ok, false);
    await ports.close();
  });
});

describe('the system clock', () => {
  it('sleeps to about a millisecond', async () => {
    const clock = createSystemClock();
    let leastLateMs = Number.POSITIVE_INFINITY;
    // The machine may be busy with something else at any one of them.
    for (let attempt = 0; attempt < 30 && leastLateMs > 1; attempt++) {
      const ms = 0.5 + attempt / 3;
      const start = clock.monotonicMs();
      await clock.sleep(ms);
      const lateMs = clock.monotonicMs() - start - ms;
      assert.ok(lateMs >= 0);
      leastLateMs = Math.min(leastLateMs, lateMs);
    }
    assert.ok(leastLateMs <= 1, `${leastLateMs} ms late`);
  });
});

describe('the logger', () => {
  const clock = createVirtualClock(Date.UTC(2026, 10, 22, 19, 53, 0, 123));
  const collect = (options: { level?: 'debug' | 'warn'; format?: 'json' } = {}) => {
    const lines: string[] = [];
    return { lines, logger: createLineLogger({ clock, ...options, write: (line) => lines.push(line) }) };
  };

  it('writes a line an entry, from its level on', () => {
    const { lines, logger } = collect();
    logger.debug('hidden');
    logger.info('Started');
    logger.warn('Scrape failed', {
      job: 'node',
      error: new Error('refused', { cause: new Error('dial') }),
      n: 1,
      list: ['a b'],
    });
    assert.deepEqual(lines, [
      '2026-11-22T19:53:00.123Z INFO  Started\n',
      '2026-11-22T19:53:00.123Z WARN  Scrape failed job=node error="refused: dial" n=1 list="[\\"a b\\"]"\n',
    ]);
    assert.equal(collect({ level: 'warn' }).logger.info('x'), undefined);
  });

  it('shows where an error comes from', () => {
    const { lines, logger } = collect();
    logger.error('Failed', { error: new Error('why') });
    assert.match(lines[0], /^\S+ ERROR Failed error=why\n {4}at .*node\.test\.ts/);
  });

  it('lets nobody forge a line', () => {
    const { lines, logger } = collect();
    logger.info('a\nb', { target: 'x\r\n2026 ERROR fake', empty: '' });
    assert.deepEqual(lines, ['2026-11-22T19:53:00.123Z INFO  "a\\nb" target="x\\r\\n2026 ERROR fake" empty=""\n']);
  });

  it('writes JSON, whatever it is given', () => {
    const { lines, logger } = collect({ format: 'json' });
    logger.info('ok', { n: 1n, error: new TypeError('bad', { cause: new Error('deep') }) });
    const entry = JSON.parse(lines[0]);
    assert.deepEqual(
      [entry.time, entry.level, entry.message, entry.n],
      ['2026-11-22T19:53:00.123Z', 'info', 'ok', '1'],
    );
    assert.deepEqual([entry.error.name, entry.error.message, entry.error.cause.message], ['TypeError', 'bad', 'deep']);
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    logger.info('round', { cycle });
    assert.equal(JSON.parse(lines[1]).message, 'round');
  });
});

describe('the local secrets', () => {
  it('read no other kinds of references', async () => {
    const secrets = createLocalSecrets({ environment: {}, baseFolder: '/' });
    await assert.rejects(secrets.get('ssm:name'), {
      message: 'Cannot read secret "ssm:name": expected "env:NAME" or "file:PATH"',
    });
    await assert.rejects(secrets.get('plain'), /expected "env:NAME" or "file:PATH"/);
    await assert.rejects(secrets.get('file:.'), { message: 'Cannot read secret "file:.": EISDIR' });
  });
});

describe('the local files', () => {
  it('read absolute paths, and find them', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder.path, 'rules'));
    await writeFile(join(folder.path, 'rules/a.yml'), 'a');
    const files = createLocalFiles({ baseFolder: '/' });
    const path = `${folder.path}/rules/a.yml`;
    assert.equal(await files.read(path), 'a');
    assert.deepEqual(await files.glob(`${folder.path}/r*/*.yml`), [path]);
    assert.deepEqual(await files.glob(`${folder.path}/*`), []);
    const relative = createLocalFiles({ baseFolder: `${folder.path}/rules` });
    assert.deepEqual(await relative.glob('../rules/*.yml'), ['../rules/a.yml']);
    await assert.rejects(files.read(`${folder.path}/rules`), { message: `read ${folder.path}/rules: is a directory` });
    await assert.rejects(files.read(`${path}/x`), { message: `open ${path}/x: not a directory` });
    await folder.remove();
  });
});

describe('encodeRecordData()', () => {
  it('is undone by decodeRecordData()', () => {
    const name = fc.oneof(fc.string(), fc.constantFrom('$bytes', '$$bytes', '__proto__', ''));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string({ unit: 'binary' }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
        fc.uint8Array(),
        fc.array(tie('value')),
        fc.array(fc.tuple(name, tie('value'))).map((entries) => Object.fromEntries(entries)),
      ),
    }));
    fc.assert(
      fc.property(value, (any) => {
        const data = copyRecordData({ any } as never);
        assert.deepEqual(decodeRecordData(encodeRecordData(data)), data);
      }),
      { seed: 1, numRuns: 100 },
    );
  });
});

describe('matchGlob()', () => {
  it('matches as Go does', () => {
    const rows: [pattern: string, name: string, expected: boolean][] = [
      ['abc', 'abc', true],
      ['*', 'abc', true],
      ['*c', 'abc', true],
      ['a*', 'a', true],
      ['a*', 'ab/c', false],
      ['a*/b', 'abc/b', true],
      ['a*/b', 'a/c/b', false],
      ['a*b*c*d*e*/f', 'axbxcxdxe/f', true],
      ['a*b*c*d*e*/f', 'axbxcxdxexxx/f', true],
      ['a*b*c*d*e*/f', 'axbxcxdxe/xxx/f', false],
      ['a*b?c*x', 'abxbbxdbxebxczzx', true],
      ['a*b?c*x', 'abxbbxdbxebxczzy', false],
      ['ab[c]', 'abc', true],
      ['ab[b-d]', 'abc', true],
      ['ab[e-g]', 'abc', false],
      ['ab[^c]', 'abc', false],
      ['ab[^b-d]', 'abe', true],
      ['a\\*b', 'a*b', true],
      ['a\\*b', 'ab', false],
      ['a?b', 'a☺b', true],
      ['a[^a]b', 'a☺b', true],
      ['a?b', 'a/b', false],
      ['a[^x]b', 'a/b', false],
      ['[a-ζ]*', 'α', true],
      ['*[a-ζ]', 'A', false],
      ['[\\]a]', ']', true],
      ['[\\-x]', '-', true],
      ['*x', 'xxx', true],
      ['', '', true],
      ['', 'a', false],
      ['**', '', true],
    ];
    for (const [pattern, name, expected] of rows)
      assert.equal(matchGlob(pattern, name), expected, `${pattern} ${name}`);
    for (const pattern of ['[]a]', '[-]', '[x-]', '[-x]', '[a-b-c]', '[', '[^', '[^bc', 'a[', 'a\\']) {
      assert.throws(() => matchGlob(pattern, 'a'), SyntaxError, pattern);
    }
  });

  it('takes no more than quadratic time', () => {
    assert.equal(matchGlob(`${'a*'.repeat(200)}b`, 'a'.repeat(3000)), false);
  });

  it('throws nothing but SyntaxError', () => {
    const text = fc.string({ unit: fc.constantFrom('*', '?', '[', ']', '^', '-', '\\', '/', 'a', 'b') });
    const check = (pattern: string, name: string) => {
      try {
        matchGlob(pattern, name);
      } catch (error) {
        assert.ok(error instanceof SyntaxError);
      }
    };
    fc.assert(fc.property(text, text, check), { seed: 1, numRuns: 2000 });
  });
});

describe('utf8Length()', () => {
  it('is what an encoder gives', () => {
    const text = fc.string({
      unit: fc.oneof(fc.string({ unit: 'binary', maxLength: 1 }), fc.constantFrom('\ud800', '\udc00')),
    });
    fc.assert(
      fc.property(text, (value) => assert.equal(utf8Length(value), bytesOf(value).length)),
      { seed: 1, numRuns: 1000 },
    );
  });
});
