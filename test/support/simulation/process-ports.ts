import type { Ports } from '#shared/ports/ports.ts';
import type { CrashKind, CrashPoint } from './faults.ts';

/** What a process did at its crash point. */
export interface CrashReport {
  /** Such as `records.transact`. */
  readonly call: string;
  readonly kind: CrashKind;
  readonly timeMs: number;
}

/** A call of a port. */
export interface LoggedCall {
  /** Such as `records.transact`. */
  readonly name: string;
  readonly timeMs: number;
  /** Whether it changes something, be it only that a message is sent. */
  readonly isEffect: boolean;
}

/** The ports as one process has them: counted, and failing where its plan says. */
export interface ProcessPorts {
  readonly ports: Ports;
  /** Its port calls so far, in order. */
  log(): readonly LoggedCall[];
  crashed(): CrashReport | undefined;
  /** Whether the process is dead: none of its calls has an effect or comes back. */
  dead(): boolean;
}

/** An outage that a plan asked for. */
export class InjectedFault extends Error {
  override readonly name = 'InjectedFault';
}

const EFFECTS = /^(?:objects\.(?:put|delete)|records\.(?:write|transact)|queue\.send|topic|mailer|http)/;

type Call = <T>(name: string, effect: () => Promise<T>) => Promise<T>;

export function createProcessPorts(ports: Ports, crash?: CrashPoint): ProcessPorts {
  const log: LoggedCall[] = [];
  let dead = false;
  let crashed: CrashReport | undefined;

  const call: Call = async (name, effect) => {
    if (dead) return never();
    log.push({ name, timeMs: ports.clock.nowMs(), isEffect: EFFECTS.test(name) });
    if (log.length !== crash?.call) {
      const result = await effect();
      return dead ? never() : result;
    }
    crashed = { call: name, kind: crash.kind, timeMs: ports.clock.nowMs() };
    if (crash.kind !== 'refuse') await effect();
    if (crash.kind !== 'die') throw new InjectedFault(`${name} was made to fail`);
    dead = true;
    return never();
  };

  return { ports: wrap(ports, call, () => dead), log: () => log, crashed: () => crashed, dead: () => dead };
}

function wrap(ports: Ports, call: Call, dead: () => boolean): Ports {
  const { clock, objects, records, topic, mailer, secrets, files, http } = ports;
  return {
    ...ports,
    clock: {
      nowMs: () => clock.nowMs(),
      monotonicMs: () => clock.monotonicMs(),
      yieldNow: () => clock.yieldNow(),
      async sleep(durationMs, signal) {
        await clock.sleep(durationMs, signal);
        if (dead()) await never();
      },
    },
    objects: {
      get: (key, range) => call('objects.get', () => objects.get(key, range)),
      put: (key, body, condition) => call('objects.put', () => objects.put(key, body, condition)),
      list: (prefix, options) => call('objects.list', () => objects.list(prefix, options)),
      delete: (key) => call('objects.delete', () => objects.delete(key)),
    },
    records: {
      get: (partition, sort) => call('records.get', () => records.get(partition, sort)),
      write: (write) => call('records.write', () => records.write(write)),
      transact: (writes) => call('records.transact', () => records.transact(writes)),
      query: (query) => call('records.query', () => records.query(query)),
    },
    queue(name) {
      const queue = ports.queue(name);
      return {
        send: (messages) => call(`queue.send ${name}`, () => queue.send(messages)),
        receive: (max) => queue.receive(max),
        acknowledge: (receipts) => queue.acknowledge(receipts),
        nextDueMs: () => queue.nextDueMs(),
      };
    },
    topic: { publish: (message) => call('topic.publish', () => topic.publish(message)) },
    mailer: { send: (mail) => call('mailer.send', () => mailer.send(mail)) },
    secrets: { get: (reference) => call('secrets.get', () => secrets.get(reference)) },
    files: {
      read: (path) => call('files.read', () => files.read(path)),
      glob: (pattern) => call('files.glob', () => files.glob(pattern)),
    },
    http: { request: (request) => call('http.request', () => http.request(request)) },
  };
}

/** The promise of a dead process. */
function never(): Promise<never> {
  return new Promise(() => {});
}
