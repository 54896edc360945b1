import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, startLocal } from '#test/support/local-process.ts';
import { BENCH_QUERIES, STEP_SECONDS } from './queries.ts';
import { writeEmptyConfig } from './store.ts';
import { spawn } from 'node:child_process';
const folder = '/tmp/ewbench';
const [filter = '', roundsText = '5', nodeFlags = '', skipTheirs = ''] = process.argv.slice(2);
const { endMs } = JSON.parse(readFileSync(join(folder, 'bench.json'), 'utf8'));
const config = writeEmptyConfig(folder);
if (nodeFlags) process.env.NODE_OPTIONS = nodeFlags;
const ours = await startLocal([`--config.file=${config}`, `--storage.path=${join(folder, 'ours')}`, '--log.level=warn'], await freePort());
delete process.env.NODE_OPTIONS;
const port = await freePort();
const prom = spawn(process.env.HOME + '/.cache/emberwatch-oracle/prometheus', [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, 'theirs')}`, '--storage.tsdb.retention.time=100y', `--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' });
const theirs = `http://127.0.0.1:${port}`;
for (;;) { try { if ((await fetch(theirs + '/-/ready')).ok) break; } catch {} await new Promise((r) => setTimeout(r, 100)); }
const cpu = (pid: number) => { let sum = 0; for (const t of readdirSync(`/proc/${pid}/task`)) { try { sum += Number(readFileSync(`/proc/${pid}/task/${t}/schedstat`, 'utf8').split(' ')[0]); } catch {} } return sum / 1e6; };
const get = async (url: string) => { const r = await fetch(url, { headers: { 'accept-encoding': 'identity' } }); await r.arrayBuffer(); };
let logs = 0, n = 0;
for (const { query, hours } of BENCH_QUERIES) {
  if (!query.includes(filter)) continue;
  const end = String(endMs / 1000);
  const path = hours === undefined ? `/api/v1/query?${new URLSearchParams({ query, time: end })}` : `/api/v1/query_range?${new URLSearchParams({ query, start: String(endMs / 1000 - hours * 3600), end, step: String(STEP_SECONDS[hours]) })}`;
  const measure = async (url: string, pid: number) => {
    await get(url + path); const t0 = performance.now(); await get(url + path); const one = performance.now() - t0;
    const rounds = Math.max(Number(roundsText), one < 30 ? 20 : 0);
    const before = cpu(pid);
    for (let i = 0; i < rounds; i++) await get(url + path);
    return (cpu(pid) - before) / rounds;
  };
  const a = await measure(ours.url, ours.child.pid!);
  const b = skipTheirs ? 1 : await measure(theirs, prom.pid!);
  logs += Math.log(a / b); n++;
  console.log(`${String(hours ?? 'now').padStart(4)} ${a.toFixed(2).padStart(9)} ${b.toFixed(2).padStart(9)} ${(a / b).toFixed(3).padStart(8)}  ${query.slice(0, 90)}`);
}
console.log('geometric mean of CPU', Math.exp(logs / n).toFixed(3));
prom.kill(); await ours.kill('SIGTERM'); process.exit(0);
