import type { VectorValue } from '#shared/promql/engine/value.ts';
import { type CallContext, mapSamples, type StepFunction, vectorArg } from './step-function.ts';

const DAY_SECONDS = 86_400;

/** Go turns every float that does not fit into an int64, NaN among them, into the smallest one, whose calendar date
 *  overflows to that of 2^63: 4 December 292277026596. */
const OUT_OF_RANGE = 2 ** 63;

interface Civil {
  readonly year: number;
  /** 1–12. */
  readonly month: number;
  /** 1–31. */
  readonly day: number;
  /** Days since 1970-01-01. */
  readonly epochDay: number;
  readonly secondOfDay: number;
}

/** The UTC calendar of Unix seconds, for any whole number; `Date` ends at the year 275760.
 *  @see https://howardhinnant.github.io/date_algorithms.html civil_from_days */
function civilOf(seconds: number): Civil {
  // Beyond 2^53 only the remainder is exact.
  const secondOfDay = floorModulo(seconds, DAY_SECONDS);
  const epochDay = Math.round((seconds - secondOfDay) / DAY_SECONDS);
  const shifted = epochDay + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  return { year, month, day, epochDay, secondOfDay };
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function daysInMonth({ year, month }: Civil): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function dayOfYear(civil: Civil): number {
  const before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334][civil.month - 1];
  return before + civil.day + (civil.month > 2 && isLeapYear(civil.year) ? 1 : 0);
}

function floorModulo(value: number, modulus: number): number {
  return ((value % modulus) + modulus) % modulus;
}

function toInt64(value: number): number {
  return value >= -(2 ** 63) && value < 2 ** 63 ? Math.trunc(value) : OUT_OF_RANGE;
}

/** Of the samples' values as Unix seconds, or of the evaluation time when there is no argument. */
function dateFunction(part: (civil: Civil) => number): StepFunction {
  return (args, context) => {
    if (args.length === 0) return ofEvaluationTime(part, context);
    return mapSamples(vectorArg(args, 0), context, (value) => part(civilOf(toInt64(value))));
  };
}

function ofEvaluationTime(part: (civil: Civil) => number, { scope }: CallContext): VectorValue {
  const values = new Float64Array(scope.steps);
  for (let k = 0; k < scope.steps; k++) {
    values[k] = part(civilOf(Math.trunc((scope.startMs + k * scope.stepMs) / 1000)));
  }
  const present = new Uint8Array(scope.steps).fill(1);
  return { kind: 'vector', series: [{ labels: [], values, present, dropName: false }] };
}

/** @see prometheus/promql/functions.go dateWrapper */
export const DATE_FUNCTIONS: Readonly<Record<string, StepFunction>> = {
  year: dateFunction((civil) => civil.year),
  month: dateFunction((civil) => civil.month),
  day_of_month: dateFunction((civil) => civil.day),
  day_of_year: dateFunction(dayOfYear),
  // 1970-01-01 was a Thursday.
  day_of_week: dateFunction((civil) => floorModulo(civil.epochDay + 4, 7)),
  days_in_month: dateFunction(daysInMonth),
  hour: dateFunction((civil) => Math.floor(civil.secondOfDay / 3600)),
  minute: dateFunction((civil) => Math.floor(civil.secondOfDay / 60) % 60),
};
