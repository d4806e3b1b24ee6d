// Times on the clocks of a time zone: what the axis counts in. The browser's own tables are used,
// so that no zone's rules stand here.

const formatters = new Map();

function formatter(zone) {
  let found = formatters.get(zone);
  if (!found) {
    found = new Intl.DateTimeFormat('en-US', {
      timeZone: zone || undefined, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23',
      era: 'short', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric',
      minute: 'numeric', second: 'numeric',
    });
    formatters.set(zone, found);
  }
  return found;
}

/** The name of the browser's zone. */
export function browserZone() {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone ?? 'UTC';
}

/** Every zone that the browser knows. */
export function zoneNames() {
  const names = Intl.supportedValuesOf?.('timeZone') ?? [];
  return names.includes('UTC') ? names : ['UTC', ...names];
}

/** How far a zone's clocks are ahead of UTC at an instant, in milliseconds. */
export function offsetMs(zone, ms) {
  const wholeMs = Math.floor(ms / 1000) * 1000;
  const parts = {};
  for (const { type, value } of formatter(zone).formatToParts(wholeMs)) parts[type] = value;
  const year = parts.era.startsWith('B') ? 1 - Number(parts.year) : Number(parts.year);
  return utcMs({ year, month: Number(parts.month), day: Number(parts.day),
    hour: Number(parts.hour), minute: Number(parts.minute), second: Number(parts.second) })
    - wholeMs;
}

/** The date and time that a zone's clocks show, whose `ms` is as if they showed UTC. */
export function civil(zone, ms) {
  const date = new Date(ms + offsetMs(zone, ms));
  return {
    year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(),
    hour: date.getUTCHours(), minute: date.getUTCMinutes(), second: date.getUTCSeconds(),
    weekday: (date.getUTCDay() + 6) % 7 + 1, ms: date.getTime(),
  };
}

/** When a zone's clocks show a date and time; fields may be over their ends, as day 32. */
export function instant(zone, fields) {
  const ms = utcMs(fields);
  const first = ms - offsetMs(zone, ms);
  return ms - offsetMs(zone, first);
}

function utcMs({ year, month = 1, day = 1, hour = 0, minute = 0, second = 0 }) {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day); // Date.UTC takes the years 0-99 for 1900-1999
  date.setUTCHours(hour, minute, second, 0);
  return date.getTime();
}
