import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freePort, runToEnd, startLocal, temporaryFolder } from '#test/support/local-process.ts';

const MINIMAL = 'scrape_configs:\n  - job_name: none\n    static_configs: []\n';

describe('npm start', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  before(async () => {
    folder = await temporaryFolder();
  });
  after(() => folder.remove());

  async function file(name: string, text: string): Promise<string> {
    const path = join(folder.path, name);
    await writeFile(path, text);
    return path;
  }
  const dataFlag = (name: string) => `--storage.path=${join(folder.path, name)}`;

  it('ends with one clear message and exit code 1 when it cannot start', async () => {
    const misspelt = await file('misspelt.yml', 'global:\n  scrape_intervall: 15s\n');
    const badRule = await file(
      'rules.yml',
      'groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: rate(x[5m]\n',
    );
    const withRule = await file('with-rule.yml', `rule_files: [${badRule}]\n`);
    const badAlertmanager = await file('am.yml', 'route:\n  receiver: nobody\nreceivers:\n  - name: team\n');
    const minimal = await file('minimal.yml', MINIMAL);
    const port = `--web.listen-address=127.0.0.1:${await freePort()}`;
    const cases: readonly (readonly [flags: readonly string[], expected: RegExp])[] = [
      [['--config.file=/nowhere/prometheus.yml'], /\/nowhere\/prometheus\.yml/],
      [[`--config.file=${misspelt}`], /misspelt\.yml:2:3: .*scrape_intervall.*did you mean "?scrape_interval/i],
      [[`--config.file=${withRule}`], /rules\.yml:5:\d+: .*parse error/],
      [
        [`--config.file=${minimal}`, `--alertmanager.config.file=${badAlertmanager}`],
        /am\.yml:2:\d+: .*undefined receiver "nobody"/,
      ],
      [['--no-such-flag=1'], /no-such-flag/],
      [['--storage.retention.time=soon'], /--storage\.retention\.time: .*"soon"/],
    ];
    const results = await Promise.all(cases.map(([flags], i) => runToEnd([...flags, dataFlag(`failing-${i}`), port])));
    results.forEach(({ code, output }, i) => {
      assert.match(output, cases[i][1]);
      assert.match(output, /^emberwatch: /m);
      assert.doesNotMatch(output, /\n\s+at /, 'no stack is shown');
      assert.equal(code, 1);
    });
  });

  it('names the address when the port is in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const config = await file('a.yml', MINIMAL);
    const flags = [`--config.file=${config}`, dataFlag('port'), `--web.listen-address=127.0.0.1:${port}`];
    const { code, output } = await runToEnd(flags);
    taken.close();
    assert.match(output, new RegExp(`Cannot listen on 127\\.0\\.0\\.1:${port}: the port is in use`));
    assert.equal(code, 1);
  });

  it('keeps a second process off its data directory', async () => {
    const config = await file('b.yml', MINIMAL);
    const flags = [`--config.file=${config}`, dataFlag('shared')];
    const first = await startLocal(flags, await freePort());
    const second = await runToEnd([...flags, `--web.listen-address=127.0.0.1:${await freePort()}`]);
    assert.match(second.output, new RegExp(`shared.*${first.child.pid}`));
    assert.equal(second.code, 1);
    assert.equal((await first.get('/-/healthy')).status, 200);
    await first.kill('SIGKILL');
    const third = await startLocal(flags, await freePort());
    await third.kill('SIGTERM');
    assert.equal(third.child.exitCode, 0);
  });
});
