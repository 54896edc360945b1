import { compareStrings, type Labels, labelPairs } from '#shared/model/labels.ts';
import { timeFromMs, zeroTime } from './time-value.ts';
import {
  type GoList,
  type GoMap,
  type GoStruct,
  type GoType,
  list,
  type Method,
  STRING,
  STRING_LIST,
  sortedKeys,
  type TypedValue,
  type Value,
} from './value.ts';

/** What a notification is about; the input of notification templates. */
export interface NotificationData {
  readonly receiver: string;
  /** `firing` or `resolved`. */
  readonly status: string;
  readonly alerts: readonly NotificationAlert[];
  readonly groupLabels: Labels;
  readonly commonLabels: Labels;
  readonly commonAnnotations: Labels;
  /** May be templates themselves; the function `routeLabels` renders them. */
  readonly routeLabels: Labels;
  readonly externalUrl: string;
  readonly notificationReason: string;
}

export interface NotificationAlert {
  readonly status: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAtMs: number;
  /** 0 when the alert has no end. */
  readonly endsAtMs: number;
  readonly generatorUrl: string;
  readonly fingerprint: string;
}

const STRINGS: GoType = {
  name: 'template.Strings',
  kind: 'list',
  underlying: '[]string',
  methods: new Map([['Join', { params: [STRING], call: joinStrings }]]),
};

const PAIR: GoType = { name: 'template.Pair', kind: 'struct', fields: [{ name: 'Name' }, { name: 'Value' }] };

const PAIRS: GoType = {
  name: 'template.Pairs',
  kind: 'list',
  underlying: '[]template.Pair',
  methods: new Map<string, Method>([
    ['Names', { params: [], call: (pairs) => pairColumn(pairs, 0) }],
    ['Values', { params: [], call: (pairs) => pairColumn(pairs, 1) }],
    ['String', { params: [], call: pairsText }],
  ]),
};

const KV: GoType = {
  name: 'template.KV',
  kind: 'map',
  underlying: 'map[string]string',
  zero: '',
  methods: new Map<string, Method>([
    ['SortedPairs', { params: [], call: sortedPairs }],
    ['Names', { params: [], call: (kv) => pairColumn(sortedPairs(kv), 0) }],
    ['Values', { params: [], call: (kv) => pairColumn(sortedPairs(kv), 1) }],
    ['Remove', { params: [STRING_LIST], call: removeKeys }],
    ['String', { params: [], call: (kv) => pairsText(sortedPairs(kv)) }],
  ]),
};

const ALERT: GoType = {
  name: 'template.Alert',
  kind: 'struct',
  fields: [
    { name: 'Status', json: 'status' },
    { name: 'Labels', json: 'labels' },
    { name: 'Annotations', json: 'annotations' },
    { name: 'StartsAt', json: 'startsAt' },
    { name: 'EndsAt', json: 'endsAt' },
    { name: 'GeneratorURL', json: 'generatorURL' },
    { name: 'Fingerprint', json: 'fingerprint' },
  ],
};

const ALERT_LIST: GoType = { name: '[]template.Alert', kind: 'list' };

const ALERTS: GoType = {
  name: 'template.Alerts',
  kind: 'list',
  underlying: '[]template.Alert',
  methods: new Map<string, Method>([
    ['Firing', { params: [], call: (alerts) => withStatus(alerts, 'firing') }],
    ['Resolved', { params: [], call: (alerts) => withStatus(alerts, 'resolved') }],
  ]),
};

const DATA: GoType = {
  name: '*template.Data',
  kind: 'pointer',
  fields: [
    { name: 'Receiver', json: 'receiver' },
    { name: 'Status', json: 'status' },
    { name: 'Alerts', json: 'alerts' },
    { name: 'NotificationReason', json: 'notification_reason' },
    { name: 'GroupLabels', json: 'groupLabels' },
    { name: 'CommonLabels', json: 'commonLabels' },
    { name: 'CommonAnnotations', json: 'commonAnnotations' },
    { name: 'RouteLabels', json: 'routeLabels' },
    { name: 'ExternalURL', json: 'externalURL' },
    { name: 'routeLabelsRendered', hidden: true },
  ],
};

/** The value `.` of a notification template.
 *  @see alertmanager/template/template.go Data */
export function alertmanagerData(data: NotificationData): GoStruct {
  return {
    kind: 'struct',
    type: DATA,
    fields: [
      data.receiver,
      data.status,
      list(ALERTS, data.alerts.map(alertValue)),
      data.notificationReason,
      labelValue(data.groupLabels),
      labelValue(data.commonLabels),
      labelValue(data.commonAnnotations),
      labelValue(data.routeLabels),
      data.externalUrl,
      false,
    ],
  };
}

function alertValue(alert: NotificationAlert): Value {
  const fields = [
    alert.status,
    labelValue(alert.labels),
    labelValue(alert.annotations),
    timeFromMs(alert.startsAtMs),
    alert.endsAtMs === 0 ? zeroTime() : timeFromMs(alert.endsAtMs),
    alert.generatorUrl,
    alert.fingerprint,
  ];
  return { kind: 'struct', type: ALERT, fields };
}

function labelValue(labels: Labels): GoMap {
  return { kind: 'map', type: KV, entries: new Map(labelPairs(labels)) };
}

function withStatus(alerts: TypedValue, status: string): GoList {
  const items = (alerts as GoList).items.filter((alert) => (alert as GoStruct).fields[0] === status);
  return list(ALERT_LIST, items);
}

/** `alertname` first, the others by name. */
function sortedPairs(kv: TypedValue): GoList {
  const { entries } = kv as GoMap;
  const keys = [...entries.keys()].sort((a, b) => rank(a) - rank(b) || compareStrings(a, b));
  return list(
    PAIRS,
    keys.map((key) => ({ kind: 'struct', type: PAIR, fields: [key, entries.get(key)] })),
  );
}

function rank(key: string): number {
  return key === 'alertname' ? 0 : 1;
}

function pairColumn(pairs: TypedValue, column: 0 | 1): GoList {
  return list(
    STRINGS,
    (pairs as GoList).items.map((pair) => (pair as GoStruct).fields[column]),
  );
}

function pairsText(pairs: TypedValue): string {
  return (pairs as GoList).items.map((pair) => (pair as GoStruct).fields.join('=')).join(', ');
}

function removeKeys(kv: TypedValue, keys: Value): GoMap {
  const removed = new Set((keys as GoList).items);
  const kept = sortedKeys(kv as GoMap).filter((key) => !removed.has(key));
  return { kind: 'map', type: KV, entries: new Map(kept.map((key) => [key, (kv as GoMap).entries.get(key)])) };
}

function joinStrings(strings: TypedValue, separator: Value): string {
  return (strings as GoList).items.join(separator as string);
}
