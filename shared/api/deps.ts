import type { Configuration } from '#shared/config/configuration.ts';
import type { Features } from '#shared/config/features.ts';
import type { MetricMetadata, Querier } from '#shared/model/storage.ts';
import type { Clock } from '#shared/ports/clock.ts';
import type { Logger } from '#shared/ports/logger.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import type { Random } from '#shared/ports/random.ts';
import type { RecordStore } from '#shared/ports/record-store.ts';
import type { Engine } from '#shared/promql/engine/engine.ts';
import type { ParserOptions } from '#shared/promql/syntax/token-stream.ts';
import type { TargetRegistry } from '#shared/registry/target-registry.ts';
import type { PlanStore } from '#shared/scrape/shard-plan.ts';
import type { BatchStore } from '#shared/tsdb/batch-store.ts';
import type { LayoutStore } from '#shared/tsdb/layout-store.ts';

/** All that the API works with; an entry point hands it in. */
export interface ApiDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly records: RecordStore;
  readonly objects: ObjectStore;
  /** A fresh view of storage; asked for once a request. */
  readonly querier: () => Querier;
  /** How far back storage goes. Requests for more are cut to it. */
  readonly retentionMs: number;
  readonly engine: Engine;
  /** How long a query may take, as the engine was made; a request may only ask for less. @default 120_000 */
  readonly queryTimeoutMs?: number;
  /** The syntax that the engine was made to read. */
  readonly parser?: ParserOptions;
  /** What is turned on, as the engine was made. @default Nothing. */
  readonly features?: Features;
  readonly configuration: () => Promise<Configuration>;
  readonly batches: BatchStore;
  readonly layouts: LayoutStore;
  readonly plans: PlanStore;
  readonly registry: TargetRegistry;
  /** What targets say of their metrics now. */
  readonly metadata: () => Promise<readonly MetricMetadata[]>;
  readonly wake: Wake;
  /** The page of `/metrics`, in the text format. */
  readonly selfMetrics: () => string;
  /** Mails that were written to a folder instead of sent; absent where there is no such folder. */
  readonly outbox?: Outbox;
  readonly auth: AuthSettings;
  /** The URL under which users reach this server, without a slash at the end. */
  readonly externalUrl: string;
  readonly version: string;
  /** Unix milliseconds. */
  readonly startedAtMs: number;
  /** What `/api/v1/status/flags` shows. */
  readonly flags: Readonly<Record<string, string>>;
  /** Reads the configuration again; absent where a deployment does that.
   *  @throws {Error} When the new one cannot be used; the old one stays. */
  readonly reload?: () => Promise<void>;
  /** The dashboard's files, for paths that are not the API's. */
  readonly dashboard?: (path: string) => Response | Promise<Response>;
}

/** Called after a change was stored, so that it shows before the next scheduled run. */
export interface Wake {
  discover(): Promise<void>;
  dispatchAlerts(): Promise<void>;
}

export interface AuthSettings {
  /** `undefined`: only callers on this machine are let in, if at all. */
  readonly token: string | undefined;
  /** Whether callers on this machine need no token. */
  readonly loopbackOpen: boolean;
}

export interface Outbox {
  /** The newest first. */
  list(): Promise<readonly OutboxMail[]>;
  /** A mail as RFC 5322 text. @returns `undefined` when there is none. */
  read(id: string): Promise<string | undefined>;
}

export interface OutboxMail {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  /** Unix milliseconds. */
  readonly dateMs: number;
  readonly sizeBytes: number;
}
