import { inspect } from 'node:util';
import type { Querier, SeriesSamples } from '#shared/model/storage.ts';
import type { Logger } from '#shared/ports/logger.ts';
import { createEngine } from '#shared/promql/engine/engine.ts';
import { openApiWorld } from '#test/support/api-world.ts';
import { createMemoryQuerier } from '#test/support/memory-querier.ts';
import { startPrometheusServer } from '#test/support/prometheus-server.ts';
import { remoteWrite } from '#test/support/remote-write.ts';
import { END_MS, START_MS } from './data.ts';
import type { EvaluationTimes } from './generate.ts';
import { remoteRead, restoreUnread } from './remote-read.ts';

/** What a server said. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface Question {
  readonly query: string;
  readonly times: EvaluationTimes;
}

/** The real one. */
export interface RealServer {
  ask(question: Question): Promise<Answer>;
  stop(): Promise<void>;
}

/** Our own, in this process. */
export interface OurServer {
  ask(question: Question): Promise<Answer>;
  /** The samples that a query reads. */
  samplesOf(question: Question): Promise<readonly SeriesSamples[]>;
}

/** Two servers with the same samples. */
export interface ServerPair {
  readonly real: RealServer;
  readonly ours: OurServer;
}

const FEATURES = [
  'promql-experimental-functions',
  'promql-binop-fill-modifiers',
  'promql-delayed-name-removal',
  'st-storage',
  'use-start-timestamps',
  'type-and-unit-labels',
];

/** Longer than data reach, whatever a query's offsets. */
const MARGIN_MS = 86_400_000;
const TIMEOUT_MS = 60_000;

/** Starts the real Prometheus, writes the series to it, and gives our API what it then reads.
 *  @param series In the order in which the real storage creates them. */
export async function startServers(
  series: readonly SeriesSamples[],
  { features }: { readonly features: boolean },
): Promise<ServerPair> {
  const real = await startPrometheusServer({ features: features ? FEATURES : [] });
  try {
    await remoteWrite(`${real.url}/api/v1/write`, series);
    const stored = await remoteRead(real.url, { minMs: START_MS - MARGIN_MS, maxMs: END_MS + MARGIN_MS });
    const samples = restoreUnread(stored, series, { startTimestamps: features });
    return {
      real: { ask: (question) => askReal(real.url, question), stop: () => real.stop() },
      ours: await startOurs(samples, features),
    };
  } catch (error) {
    await real.stop();
    throw error;
  }
}

async function askReal(url: string, question: Question): Promise<Answer> {
  const { path, form } = request(question);
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(`${url}${path}`, { method: 'POST', body: new URLSearchParams(form), signal });
  return { status: response.status, body: await response.text() };
}

const SILENT: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

async function startOurs(series: readonly SeriesSamples[], features: boolean): Promise<OurServer> {
  const storage = createMemoryQuerier(series);
  const read = new Set<SeriesSamples>();
  let recording = false;
  const querier: Querier = {
    ...storage,
    select: async (matchers, range, options) => {
      const selected = await storage.select(matchers, range, options);
      if (recording) for (const one of selected) read.add(one);
      return selected;
    },
  };
  const failures: unknown[] = [];
  const parser = { experimentalFunctions: features, binopFillModifiers: features };
  const engine = createEngine({
    monotonicMs: () => performance.now(),
    delayedNameRemoval: features,
    useStartTimestamps: features,
    typeAndUnitLabels: features,
    parser,
  });
  const world = await openApiWorld({
    nowMs: END_MS,
    retentionMs: 1000 * MARGIN_MS,
    deps: {
      querier: () => querier,
      parser,
      engine,
      logger: { ...SILENT, error: (_, fields) => failures.push(fields) },
    },
  });
  const ask = async (question: Question) => {
    const { path, form } = request(question);
    const response = await world.post(path, form);
    const body = await response.text();
    // The API tells clients nothing of what went wrong inside.
    return { status: response.status, body: response.status === 500 ? `${body}\n${inspect(failures.pop())}` : body };
  };
  return {
    ask,
    samplesOf: async (question) => {
      read.clear();
      recording = true;
      await ask(question);
      recording = false;
      return [...read];
    },
  };
}

function request({ query, times }: Question): { readonly path: string; readonly form: Record<string, string> } {
  if (times.kind === 'instant') return { path: '/api/v1/query', form: { query, time: String(times.timeMs / 1000) } };
  const { startMs, endMs, stepMs } = times;
  const form = { query, start: String(startMs / 1000), end: String(endMs / 1000), step: String(stepMs / 1000) };
  return { path: '/api/v1/query_range', form };
}
