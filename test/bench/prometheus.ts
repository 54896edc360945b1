import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { type OracleServer, startOracle } from '#test/support/oracle.ts';
import { startPrometheusServer } from '#test/support/prometheus-server.ts';
import { remoteWrite } from '#test/support/remote-write.ts';
import type { BenchStream } from './data.ts';
import { writeEmptyConfig } from './store.ts';

/** Writes streams into the real Prometheus by remote write and makes blocks of them, which become `dataDir`. */
export async function writeBlocks(dataDir: string, streams: readonly BenchStream[]): Promise<void> {
  const folder = `${dataDir}-head`;
  mkdirSync(folder, { recursive: true });
  const server = await startPrometheusServer({ dataFolder: folder, flags: ['--web.enable-admin-api'] });
  for (const { targets } of streams) {
    for (const { series } of targets) await remoteWrite(`${server.url}/api/v1/write`, series);
  }
  const response = await fetch(`${server.url}/api/v1/admin/tsdb/snapshot`, { method: 'POST' });
  if (!response.ok) throw new Error(`Cannot make blocks: ${await response.text()}`);
  await server.stop();
  const [snapshot] = readdirSync(join(folder, 'snapshots'));
  renameSync(join(folder, 'snapshots', snapshot), dataDir);
}

/** Serves blocks as an operator would, with the features of the language that are off by default. */
export function serveBlocks(dataDir: string, folder: string): Promise<OracleServer> {
  const config = writeEmptyConfig(folder);
  return startOracle('prometheus', (address) => [
    `--config.file=${config}`,
    `--storage.tsdb.path=${dataDir}`,
    '--storage.tsdb.retention.time=100y',
    `--web.listen-address=${address}`,
  ]);
}
