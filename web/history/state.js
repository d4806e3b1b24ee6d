// What a view of the history shows, as its address says it: an address can be kept and shared, and
// "back" undoes a step.

export const SECOND_MS = 1_000;
export const HOUR_MS = 3_600 * SECOND_MS;
export const DAY_MS = 24 * HOUR_MS;
/** The shortest and longest span that can be looked at. */
export const SPAN_MIN_MS = 2 * SECOND_MS;
export const SPAN_MAX_MS = 200 * 365 * DAY_MS;
/** Lines in one view: as many as there are colours and dashes to tell them by. */
export const SERIES_MAX = 12;
/** Limits that a person may set in one view. */
export const LIMITS_MAX = 8;
export const WINDOWS = ['1m', '15m', '1h', '1d', '1w', '1mo', '1y'];

const BEGIN = '#/history';
const TIME_MAX_MS = 8.64e15;

/** Whether an address is one of the history. */
export function isHistory(hash) {
  return hash === BEGIN || hash.startsWith(`${BEGIN}?`);
}

/** A view of the last day of some channels. */
export function fresh(series) {
  return {
    series, fromMs: null, toMs: null, lastMs: null, zone: '', window: '', weekdays: '',
    daytime: '', limits: [],
  };
}

/** Reads an address; whatever makes no sense in it is left out. */
export function parse(hash) {
  const query = new URLSearchParams(hash.slice(BEGIN.length + 1));
  const series = seriesOf(query);
  const state = fresh(series);
  const lastS = Number(query.get('last'));
  if (lastS > 0 && Number.isFinite(lastS)) state.lastMs = clampSpan(lastS * SECOND_MS);
  const from = parseTime(query.get('from'));
  const to = parseTime(query.get('to'));
  if (from !== null && to !== null && to > from) {
    [state.fromMs, state.toMs] = clampRange(from, to);
    state.lastMs = null;
  }
  state.zone = isZone(query.get('zone')) ? query.get('zone') : '';
  state.window = WINDOWS.includes(query.get('window')) ? query.get('window') : '';
  state.weekdays = parseDays(query.get('weekdays'));
  state.daytime = parseDaytime(query.get('daytime'));
  state.limits = query.getAll('limit').map(parseLimit)
    .filter((limit) => limit && limit.at < series.length).slice(0, LIMITS_MAX);
  return state;
}

/** A channel belongs to the device that stands before it. */
function seriesOf(query) {
  const series = [];
  let device = query.get('device');
  for (const [name, value] of query) {
    if (name === 'device') device = value;
    if (name !== 'channel' || !device || !value || series.length === SERIES_MAX) continue;
    const one = { device, channel: value };
    if (!series.some((other) => isSame(other, one))) series.push(one);
  }
  return series;
}

/** The address of a view. */
export function format(state) {
  const query = new URLSearchParams();
  let last = null;
  for (const { device, channel } of state.series) {
    if (device !== last) query.append('device', device);
    query.append('channel', channel);
    last = device;
  }
  if (state.fromMs !== null) {
    query.set('from', formatTime(state.fromMs));
    query.set('to', formatTime(state.toMs));
  } else if (state.lastMs !== null) {
    query.set('last', String(Math.round(state.lastMs) / SECOND_MS));
  }
  for (const name of ['zone', 'window', 'weekdays', 'daytime']) {
    if (state[name]) query.set(name, state[name]);
  }
  for (const { at, value } of state.limits) query.append('limit', `${at}:${value}`);
  const text = query.toString();
  return text ? `${BEGIN}?${text}` : BEGIN;
}

/** When the readings of a view begin, and the range that its address leaves open. */
export function openRange(state, known, edgeMs) {
  const ends = known.filter((one) => one.from_us !== undefined
    && state.series.some((each) => isSame(each, one)));
  const firstMs = Math.min(...ends.map((one) => one.from_us / 1000), edgeMs);
  if (state.fromMs !== null || state.lastMs !== null) return { firstMs };
  const lastMs = Math.max(...ends.map((one) => one.to_us / 1000), -Infinity);
  const span = lastMs - firstMs < HOUR_MS ? HOUR_MS : DAY_MS;
  if (!ends.length || lastMs >= edgeMs - span) return { firstMs, lastMs: span };
  return { firstMs, fromMs: lastMs - span, toMs: lastMs + 0.02 * span };
}

export function isSame(one, other) {
  return one.device === other.device && one.channel === other.channel;
}

/** A name of a series within this page; a device's name holds no line break. */
export function keyOf({ device, channel }) {
  return `${device}\n${channel}`;
}

export function clampSpan(spanMs) {
  return Math.min(Math.max(spanMs, SPAN_MIN_MS), SPAN_MAX_MS);
}

/** A range no shorter or longer than can be looked at, about the same middle. */
export function clampRange(fromMs, toMs) {
  const spanMs = clampSpan(toMs - fromMs);
  if (spanMs === toMs - fromMs) return [fromMs, toMs];
  const middleMs = (fromMs + toMs) / 2;
  return [middleMs - spanMs / 2, middleMs + spanMs / 2];
}

function parseTime(text) {
  if (!text) return null;
  const ms = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) * SECOND_MS : Date.parse(text);
  return Number.isFinite(ms) && Math.abs(ms) < TIME_MAX_MS - SPAN_MAX_MS ? ms : null;
}

function formatTime(ms) {
  return new Date(Math.round(ms)).toISOString().replace('.000Z', 'Z');
}

function isZone(name) {
  if (!name) return false;
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

/** ISO days, Monday 1, in order: `1,2,5`; empty for all. */
function parseDays(text) {
  const days = new Set();
  for (const part of (text ?? '').split(',')) {
    const found = /^([1-7])(?:-([1-7]))?$/.exec(part);
    if (!found) continue;
    for (let day = Number(found[1]); day <= Number(found[2] ?? found[1]); day += 1) days.add(day);
  }
  return days.size && days.size < 7 ? [...days].sort().join(',') : '';
}

function parseDaytime(text) {
  return /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-4]):[0-5]\d$/.test(text ?? '') ? text : '';
}

function parseLimit(text) {
  const found = /^(\d{1,2}):(-?\d{1,15}(?:\.\d{1,9})?)$/.exec(text);
  return found && { at: Number(found[1]), value: Number(found[2]) };
}
