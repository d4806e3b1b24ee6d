// Dates and times of a zone in the reader's language.

import { clock } from '../text.js';

const TIME = { hour: '2-digit', minute: '2-digit' };
const SECONDS = { ...TIME, second: '2-digit' };
const DAY = { day: 'numeric', month: 'short' };
const FORMS = {
  fraction: { ...SECONDS, fractionalSecondDigits: 1 },
  second: SECONDS, minute: TIME, day: DAY, 'year-day': { ...DAY, year: 'numeric' },
  month: { month: 'short' }, year: { year: 'numeric' },
};

function write(ms, options, zone) {
  return clock({ ...options, timeZone: zone || undefined }).format(ms);
}

/** What a mark of the axis says. */
export function tickText(ms, what, zone) {
  return write(ms, FORMS[what], zone);
}

/** Day and time, to the second or to the tenth of it. */
export function dateTime(ms, zone, isFine = false) {
  return write(ms, { ...DAY, year: 'numeric', ...FORMS[isFine ? 'fraction' : 'second'] }, zone);
}

/** A range, as short as it can be said: the day once where both ends lie in it. */
export function rangeText(fromMs, toMs, zone) {
  const spanMs = toMs - fromMs;
  const options = { day: 'numeric', month: 'short', year: 'numeric' };
  if (spanMs < 300 * 86_400_000) Object.assign(options, TIME);
  if (spanMs < 600_000) Object.assign(options, SECONDS);
  if (spanMs < 10_000) Object.assign(options, FORMS.fraction);
  return clock({ ...options, timeZone: zone || undefined }).formatRange(fromMs, toMs);
}

/** The beginning of a bucket: as much of it as its length gives sense to. */
export function bucketText(ms, window, zone) {
  const day = { weekday: 'short', ...DAY, year: 'numeric' };
  const forms = {
    '1d': day, '1w': day, '1mo': { month: 'long', year: 'numeric' }, '1y': { year: 'numeric' },
  };
  return write(ms, forms[window] ?? { ...DAY, year: 'numeric', ...TIME }, zone);
}

/** The short name of a weekday, Monday 1. */
export function weekdayText(day, isLong = false) {
  return write(Date.UTC(2024, 0, day), { weekday: isLong ? 'long' : 'short' }, 'UTC');
}
