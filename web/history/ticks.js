// Where the time axis has its marks: at whole seconds, hours, days, months of the zone's clocks,
// also where they jump.

import { civil, instant, offsetMs } from './zones.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Marks on one axis, at most; an axis is never wide enough for more. */
const TICKS_MAX = 60;

/** Steps in order: their mean length, what they count, and by how many. */
const STEPS = [
  ...[0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30].map((n) => [n * SECOND, 'second', n]),
  ...[1, 2, 5, 10, 15, 30].map((n) => [n * MINUTE, 'minute', n]),
  ...[1, 2, 3, 6, 12].map((n) => [n * HOUR, 'hour', n]),
  [DAY, 'day', 1], [2 * DAY, 'day', 2], [7 * DAY, 'week', 1], [14 * DAY, 'week', 2],
  ...[1, 2, 3, 6].map((n) => [n * 30.44 * DAY, 'month', n]),
  ...[1, 2, 5, 10, 20, 50, 100].map((n) => [n * 365.25 * DAY, 'year', n]),
];

/** The step whose marks are at least so many pixels apart. */
export function stepFor(spanMs, widthPx, apartPx) {
  const leastMs = (spanMs * apartPx) / Math.max(1, widthPx);
  const [, unit, count] = STEPS.find(([ms]) => ms >= leastMs) ?? STEPS.at(-1);
  return { unit, count };
}

/** The instants of a range that a step marks, in order. */
export function instants(zone, fromMs, toMs, { unit, count }) {
  if (unit === 'second' || unit === 'minute') {
    return even(zone, fromMs, toMs, count * (unit === 'second' ? SECOND : MINUTE));
  }
  const found = [];
  const start = civil(zone, fromMs);
  for (let i = 0; i < TICKS_MAX * 4 && found.length < TICKS_MAX; i += 1) {
    const ms = instant(zone, nth(start, unit, count, i));
    if (ms > toMs) break;
    // Where clocks are put forward two marks fall together, or a day's first hour is missing.
    if (ms >= fromMs && ms > (found.at(-1) ?? -Infinity)) found.push(ms);
  }
  return found;
}

function even(zone, fromMs, toMs, stepMs) {
  const ahead = offsetMs(zone, fromMs); // zones of a quarter hour exist
  const found = [];
  for (let i = Math.ceil((fromMs + ahead) / stepMs); found.length < TICKS_MAX; i += 1) {
    const ms = i * stepMs - ahead;
    if (ms > toMs) break;
    found.push(ms);
  }
  return found;
}

function nth({ year, month, day, hour, weekday }, unit, count, i) {
  switch (unit) {
    case 'hour': return { year, month, day, hour: hour - (hour % count) + i * count };
    // Every second day counts from the month's first, so that a moving chart keeps its marks.
    case 'day': return { year, month, day: day - ((day - 1) % count) + i * count };
    case 'week': return { year, month, day: day - weekday + 1 + 7 * i * count };
    case 'month': return { year, month: month - ((month - 1) % count) + i * count };
    default: return { year: year - (year % count) + i * count };
  }
}

/**
 * What a mark says: its time, or its day where a day begins, or its year where a year begins.
 * `write` turns an instant and what to show of it into words.
 */
export function label(zone, ms, { unit, count }, write) {
  const at = civil(zone, ms);
  if (unit === 'year') return write(ms, 'year');
  if (unit === 'month') return write(ms, at.month === 1 ? 'year' : 'month');
  const isMidnight = at.hour === 0 && at.minute === 0 && at.second === 0;
  if (unit === 'day' || unit === 'week' || isMidnight) {
    return write(ms, at.month === 1 && at.day === 1 && isMidnight ? 'year-day' : 'day');
  }
  if (unit === 'second') return write(ms, count < 1 ? 'fraction' : 'second');
  return write(ms, 'minute');
}
