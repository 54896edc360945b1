import { QUEUES } from '../functions/settings.ts';

/** A function of the pipeline with the queue that it reads, which has its name. */
export interface PipelineFunction {
  readonly name: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /** Messages that are worked on at one time, ≥ 2: fewer cannot be asked for. */
  readonly maxConcurrency: number;
  /** The queues that it sends to. */
  readonly sendsTo: readonly string[];
  /** How often it is woken by the clock, besides being sent messages. */
  readonly everyMinutes?: number;
  /** How long a message is of use. */
  readonly messageLifeMinutes: number;
  /** How old a message may become, its delay of up to 90 s included, before the operators are told. */
  readonly oldMinutes?: number;
  /** Whose secrets of the configuration it reads. */
  readonly secrets?: 'scrape' | 'notify';
  /** Whether it publishes to the topics of the configuration. */
  readonly publishes?: true;
  /** Whether it deletes objects. */
  readonly deletes?: true;
}

const HOUR = 60;
const DAY = 24 * HOUR;

/** Each function reads one message at a time: a slot's message sleeps until its slot, and one that wakes a function has
 *  it do all that there is to do. */
export const PIPELINE: readonly PipelineFunction[] = [
  {
    name: QUEUES.discover,
    memoryMb: 512,
    timeoutSeconds: 60,
    maxConcurrency: 2,
    sendsTo: [QUEUES.schedule, QUEUES.dispatchAlerts],
    everyMinutes: 1,
    messageLifeMinutes: HOUR,
    deletes: true,
  },
  {
    name: QUEUES.schedule,
    memoryMb: 512,
    timeoutSeconds: 60,
    maxConcurrency: 2,
    sendsTo: [QUEUES.scrape, QUEUES.evaluateRules, QUEUES.dispatchAlerts],
    messageLifeMinutes: HOUR,
  },
  {
    name: QUEUES.scrape,
    memoryMb: 1024,
    // A scrape may take its interval, and a minute is the longest that a message may be late.
    timeoutSeconds: 120,
    maxConcurrency: 50,
    sendsTo: [],
    messageLifeMinutes: HOUR,
    oldMinutes: 5,
    secrets: 'scrape',
  },
  {
    name: QUEUES.evaluateRules,
    // A whole processor.
    memoryMb: 1769,
    // The longest query, and the writing of its results.
    timeoutSeconds: 150,
    maxConcurrency: 10,
    sendsTo: [QUEUES.dispatchAlerts],
    messageLifeMinutes: HOUR,
    oldMinutes: 5,
  },
  {
    name: QUEUES.dispatchAlerts,
    memoryMb: 512,
    timeoutSeconds: 60,
    maxConcurrency: 2,
    sendsTo: [QUEUES.notify, QUEUES.dispatchAlerts],
    messageLifeMinutes: 4 * DAY,
  },
  {
    name: QUEUES.notify,
    memoryMb: 512,
    timeoutSeconds: 90,
    maxConcurrency: 10,
    sendsTo: [QUEUES.notify, QUEUES.dispatchAlerts],
    messageLifeMinutes: 4 * DAY,
    secrets: 'notify',
    publishes: true,
  },
  {
    name: 'compact',
    memoryMb: 1024,
    timeoutSeconds: 900,
    maxConcurrency: 2,
    sendsTo: [],
    everyMinutes: 60,
    messageLifeMinutes: DAY,
    deletes: true,
  },
];

/** The queues that the API wakes. */
export const API_SENDS_TO: readonly string[] = [QUEUES.discover, QUEUES.dispatchAlerts];
