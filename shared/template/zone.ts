import { secondsFromCivil } from './calendar.ts';
import { FunctionError } from './template-error.ts';
import type { Zone } from './value.ts';
import { ZONE_ABBREVIATIONS } from './zone-abbreviations.ts';

export const UTC: Zone = { name: 'UTC', at: () => ({ offset: 0, abbreviation: 'UTC' }) };

/** A zone that is always `offset` seconds east of UTC. */
export function fixedZone(name: string, offset: number): Zone {
  return { name, at: () => ({ offset, abbreviation: name }) };
}

/** Zones already loaded: there are some 600 names, and making a formatter is slow. */
const loaded = new Map<string, Zone>();

/** The zone of an IANA name, `UTC` for `` and `Local`, because a pipeline in the cloud has no local time.
 *  @throws {FunctionError} With Go's words, when there is no such zone. */
export function loadZone(name: string): Zone {
  if (name === '' || name === 'UTC' || name === 'Local') return UTC;
  if (name.includes('..') || name[0] === '/' || name[0] === '\\')
    throw new FunctionError('time: invalid location name');
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const zone = intlZone(name);
  loaded.set(name, zone);
  return zone;
}

function intlZone(name: string): Zone {
  const format = intlFormat(name);
  const abbreviations = abbreviationsOf(name);
  return {
    name,
    at: (seconds) => {
      const offset = offsetAt(format, seconds);
      return { offset, abbreviation: abbreviations.get(offset / 60) ?? numericAbbreviation(offset) };
    },
  };
}

function intlFormat(name: string): Intl.DateTimeFormat {
  const unknown = (options?: ErrorOptions) => new FunctionError(`unknown time zone ${name}`, options);
  // Intl also takes offsets such as `+01:00` for names.
  if (!/^[A-Za-z]/.test(name)) throw unknown();
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (cause) {
    throw unknown({ cause });
  }
}

/** How far Intl's dates go, in seconds. */
const MAX_SECONDS = 8_640_000_000_000;

function offsetAt(format: Intl.DateTimeFormat, seconds: number): number {
  const within = Math.max(-MAX_SECONDS, Math.min(MAX_SECONDS, seconds));
  const parts = new Map<string, string>(format.formatToParts(within * 1000).map(({ type, value }) => [type, value]));
  const number = (type: string) => Number(parts.get(type));
  const year = parts.get('era') === 'BC' ? 1 - number('year') : number('year');
  const local = secondsFromCivil({
    year,
    month: number('month'),
    day: number('day'),
    hour: number('hour'),
    minute: number('minute'),
    second: number('second'),
  });
  return local - within;
}

/** By offset in minutes. */
function abbreviationsOf(zone: string): ReadonlyMap<number, string> {
  const found = ZONE_ABBREVIATIONS.find(([, zones]) => zones.split(' ').includes(zone));
  const words = found?.[0].split(' ') ?? [];
  const byOffset = new Map<number, string>();
  for (let i = 0; i < words.length; i += 2) byOffset.set(Number(words[i + 1]), words[i]);
  return byOffset;
}

/** `+03`, `-0330`; before zones were set up, at a place's mean solar time, `LMT`. */
function numericAbbreviation(offset: number): string {
  if (offset % 900 !== 0) return 'LMT';
  const size = Math.abs(offset) / 60;
  const minutes = size % 60 === 0 ? '' : String(size % 60).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${String(Math.floor(size / 60)).padStart(2, '0')}${minutes}`;
}
