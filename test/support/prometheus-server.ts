import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OracleServer, startOracle } from './oracle.ts';

export interface PrometheusServerOptions {
  /** `prometheus.yml`. @default '' */
  readonly config?: string;
  /** For `--enable-feature`. */
  readonly features?: readonly string[];
  /** More flags. */
  readonly flags?: readonly string[];
  /** A data directory to serve, which is left as it is then; else an empty one, which goes with the server. */
  readonly dataFolder?: string;
}

/** Starts the real Prometheus on a free port of the loopback interface, with a receiver of remote write at `/api/v1/write`.
 *  Its head takes any time span and is never compacted, so that samples come back from the chunks that they were
 *  written to.
 *  @throws {Error} With the end of its log, when it does not become ready. */
export async function startPrometheusServer(options: PrometheusServerOptions = {}): Promise<OracleServer> {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
  const config = join(folder, 'prometheus.yml');
  writeFileSync(config, options.config ?? '');
  const removed = () => rmSync(folder, { recursive: true, force: true });
  try {
    const server = await startOracle('prometheus', (address) => [
      `--config.file=${config}`,
      `--storage.tsdb.path=${options.dataFolder ?? join(folder, 'data')}`,
      '--storage.tsdb.retention.time=100y',
      '--storage.tsdb.min-block-duration=30d',
      '--storage.tsdb.max-block-duration=30d',
      '--web.enable-remote-write-receiver',
      `--web.listen-address=${address}`,
      ...(options.features ?? []).map((feature) => `--enable-feature=${feature}`),
      ...(options.flags ?? []),
    ]);
    return { url: server.url, stop: () => server.stop().then(removed) };
  } catch (error) {
    removed();
    throw error;
  }
}
