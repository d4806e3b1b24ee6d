// Rules of alarms, and the times of what they began, in words.

import { isNodeTrusted, nowMs, toWallMs } from '../clock.js';
import { figure, has, moment, span, t } from '../text.js';
import { unit } from '../units.js';

/** Units that people give a time in, the longest first, with their milliseconds. */
export const TIME_UNITS = [['d', 86_400_000], ['h', 3_600_000], ['min', 60_000], ['s', 1_000]];

/** A time in the longest unit that it is a whole number of, or else in seconds. */
export function splitTime(ms) {
  const whole = TIME_UNITS.find(([, length]) => ms > 0 && ms % length === 0);
  return whole ? [ms / whole[1], whole[0]] : [ms / 1_000, 's'];
}

/** A time as it was given: `15 min`, `1.5 s`. */
export function timeText(ms) {
  const [count, name] = splitTime(ms);
  return `${figure(String(count))}\u00a0${t(`time.${name}`)}`;
}

/** What a rule notices: `above 30 °C`, `silent for 15 min`. */
export function conditionText(rule, unitCode = '') {
  const key = `condition.${rule.condition}`;
  if (!has(key)) return rule.condition;
  return t(key, { limit: rule.limit ? withUnit(rule.limit, unitCode) : '',
    time: rule.durationMs ? timeText(rule.durationMs) : t('time.none') });
}

/** A value with its unit, as people write both. */
export function withUnit(value, unitCode) {
  return [figure(value), unit(unitCode ?? '')].filter(Boolean).join('\u00a0');
}

export function severityText(severity) {
  return has(`severity.${severity}`) ? t(`severity.${severity}`) : t('severity.unknown');
}

/** When something was, and how long ago that is, as far as anybody can say.
 *
 * By the node's monotonic clock where it was in the node's present boot, else by two wall clocks
 * that both had been set. Of any other time the age is not known, and says so. */
export function whenText({ bootUs, wallUs, isTrusted }) {
  if (bootUs !== undefined && bootUs !== null) {
    const mark = isNodeTrusted() ? '' : '≈\u00a0';
    const time = mark + moment(toWallMs(bootUs / 1000));
    return t('alarm.when', { time, age: span((nowMs() - bootUs / 1000) / 1000) });
  }
  const time = moment(wallUs / 1000);
  if (!isTrusted || !isNodeTrusted()) return t('alarm.when.unknown', { time: `≈\u00a0${time}` });
  return t('alarm.when', { time, age: span((toWallMs(nowMs()) - wallUs / 1000) / 1000) });
}

/** When an alarm began. */
export const beginningOf = (alarm) => ({ bootUs: alarm.sinceBootUs, wallUs: alarm.sinceUs,
  isTrusted: alarm.trusted });

/** When it ended. */
export const endOf = (alarm) => ({ bootUs: alarm.clearedBootUs, wallUs: alarm.clearedUs,
  isTrusted: alarm.clearedTrusted });
