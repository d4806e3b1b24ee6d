// Hours of the week that are left out of a table, as spans of time on a chart.

import { civil, instant } from './zones.js';

const DAY_MS = 86_400_000;
/** With more days than this in sight a night is too narrow to be seen. */
const DAYS_MAX = 120;

/** The spans between two times that a filter leaves out; none when there are too many to see. */
export function leftOut({ weekdays, daytime, zone }, fromMs, toMs) {
  if ((!weekdays && !daytime) || toMs - fromMs > DAYS_MAX * DAY_MS) return [];
  const days = weekdays ? new Set(weekdays.split(',').map(Number)) : null;
  const [begin, end] = daytime ? daytime.split('-').map(minutes) : [0, 24 * 60];
  const { year, month, day } = civil(zone, fromMs);
  const spans = [];
  for (let i = -1; i <= DAYS_MAX + 1; i += 1) {
    const at = (minute, more = 0) =>
      instant(zone, { year, month, day: day + i + more, minute });
    const midnight = at(0);
    if (midnight > toMs) break;
    const isOn = !days || days.has(civil(zone, midnight + DAY_MS / 2).weekday);
    if (!isOn) {
      spans.push([midnight, at(0, 1)]);
    } else if (begin <= end) {
      spans.push([midnight, at(begin)], [at(end), at(0, 1)]);
    } else {
      spans.push([at(end), at(begin)]); // over midnight
    }
  }
  return spans.filter(([from, to]) => to > from && to > fromMs && from < toMs);
}

function minutes(text) {
  const [hour, minute] = text.split(':').map(Number);
  return hour * 60 + minute;
}
