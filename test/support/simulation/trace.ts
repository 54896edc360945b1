import { formatLabels } from '#shared/model/labels.ts';
import type { RecordStore, RecordWrite } from '#shared/ports/record-store.ts';
import type { ActiveAlert, GroupState } from '#shared/rules/state.ts';

/** A change of an alert of a rule, as it was committed. */
export interface AlertTransition {
  /** The slot of the evaluation, Unix milliseconds. */
  readonly slotMs: number;
  /** Its labels, as text. */
  readonly alert: string;
  readonly to: 'pending' | 'firing' | 'inactive';
}

/** What reached a receiver. Times are Unix milliseconds. */
export interface Delivered {
  readonly timeMs: number;
  readonly receiver: string;
  readonly integration: 'email' | 'sns' | 'webhook';
  readonly status: string;
  /** `firing <alertname> <instance>` each, as the notification lists them. */
  readonly alerts: readonly string[];
  /** Names the notification, where the integration has a name for it. */
  readonly id: string;
  readonly subject: string;
}

/** A slot whose batch was committed. */
export interface CommittedSlot {
  readonly stream: string;
  readonly slotMs: number;
  readonly timeMs: number;
}

/** What happened in a run, in order. */
export class Trace {
  readonly lines: string[] = [];
  readonly slots: CommittedSlot[] = [];
  readonly transitions: AlertTransition[] = [];
  readonly delivered: Delivered[] = [];
  readonly #nowMs: () => number;
  readonly #alerts = new Map<string, ReadonlyMap<string, ActiveAlert['state']>>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  note(text: string): void {
    this.lines.push(`${new Date(this.#nowMs()).toISOString()} ${text}`);
  }

  deliver(delivered: Omit<Delivered, 'timeMs'>): void {
    this.delivered.push({ timeMs: this.#nowMs(), ...delivered });
    const { integration, receiver, status, alerts, subject, id } = delivered;
    this.note(`${integration} to ${receiver}: ${status} [${alerts.join(', ')}] "${subject}" ${id}`);
  }

  /** Notes the slot or the changes of alerts that a committed write makes. */
  commit(write: RecordWrite): void {
    if (write.kind !== 'put') return;
    const { partition, sort, data } = write;
    if (partition.startsWith('batch#')) {
      const slot = { stream: partition.slice('batch#'.length), slotMs: Number(sort), timeMs: this.#nowMs() };
      this.slots.push(slot);
      this.note(`slot ${slot.stream} ${slot.slotMs}`);
    } else if (partition === 'rule-group') {
      this.#group(sort, JSON.parse(String(data.json)) as GroupState);
    }
  }

  #group(stream: string, state: GroupState): void {
    const old = this.#alerts.get(stream) ?? new Map();
    const now = activeAlerts(state);
    this.#alerts.set(stream, now);
    for (const [alert, active] of now) if (old.get(alert) !== active) this.#transition(state.slotMs, alert, active);
    for (const alert of old.keys()) if (!now.has(alert)) this.#transition(state.slotMs, alert, 'inactive');
  }

  #transition(slotMs: number, alert: string, to: AlertTransition['to']): void {
    this.transitions.push({ slotMs, alert, to });
    this.note(`alert ${alert} ${to} at slot ${slotMs}`);
  }
}

function activeAlerts(state: GroupState): ReadonlyMap<string, ActiveAlert['state']> {
  const alerts = Object.values(state.rules).flatMap((rule) => rule.alerts);
  return new Map(alerts.map((alert) => [formatLabels(alert.labels), alert.state]));
}

/** A record store that shows each committed write to `trace`. */
export function traceRecords(records: RecordStore, trace: Trace): RecordStore {
  return {
    get: (partition, sort) => records.get(partition, sort),
    query: (query) => records.query(query),
    async write(write) {
      const result = await records.write(write);
      if (result.ok) trace.commit(write);
      return result;
    },
    async transact(writes) {
      const result = await records.transact(writes);
      if (result.ok) for (const write of writes) trace.commit(write);
      return result;
    },
  };
}
