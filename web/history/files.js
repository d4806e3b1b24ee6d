// Files of what is shown, put together here from the daemon's own pages: the buckets of a table,
// the points of the charts, or every reading of the span.

import { askReadings, askText } from '../api.js';

/** Rows of one page, and pages of one file: ten million readings are more than a sheet holds. */
const PAGE_MAX = 10_000;
const PAGES_MAX = 1_000;

export const FORMATS = ['csv', 'jsonl'];
const TYPES = { csv: 'text/csv;charset=utf-8', jsonl: 'application/jsonl' };

/** Gives a person a file. */
export function save(name, format, parts) {
  const address = URL.createObjectURL(new Blob(parts, { type: TYPES[format] }));
  const link = document.createElement('a');
  link.href = address;
  link.download = `${name}.${format}`.replace(/[^\w.-]+/g, '_');
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** Every bucket that a question for windows gives. */
export async function bucketParts(question, format) {
  const columns = ['from', 'to', ...question.agg.split(','), 'basis', 'approximate',
    'bound_us'];
  const parts = [head(columns, format)];
  for (let cursor = null, page = 0; page < PAGES_MAX; page += 1) {
    const answer = await askReadings({ ...question, limit: PAGE_MAX, cursor });
    parts.push(lines(answer.buckets.map(({ from_us: fromUs, to_us: toUs, ...rest }) =>
      ({ from: time(fromUs / 1000), to: time(toUs / 1000), ...rest })), columns, format));
    cursor = answer.next ?? null;
    if (cursor === null) break;
  }
  return parts;
}

/** The points that the charts show: of each slot its smallest, mean and largest reading. */
export function pointParts(members, fromMs, toMs, format) {
  const columns = ['device', 'channel', 'unit', 'time', 'min', 'avg', 'max', 'count', 'bound_us'];
  const rows = [];
  for (const { device, channel, unit, trace } of members) {
    trace?.times.forEach((ms, i) => {
      if (ms < fromMs || ms > toMs) return;
      const [min, avg, max] = trace.bands[i];
      const boundMs = trace.boundAt(i);
      rows.push({ device, channel, unit, time: time(ms), min, avg, max, count: trace.counts[i],
        bound_us: boundMs === null ? null : Math.round(boundMs * 1000) });
    });
  }
  return [head(columns, format), lines(rows, columns, format)];
}

/** Every reading that a question gives, as the daemon writes them. */
export async function readingParts(question, format) {
  const parts = [];
  for (let cursor = null, page = 0; page < PAGES_MAX; page += 1) {
    const answer = await askText({ ...question, format, limit: PAGE_MAX, cursor });
    // The heading stands once.
    parts.push(page && format === 'csv' ? answer.text.slice(answer.text.indexOf('\n') + 1)
      : answer.text);
    cursor = answer.cursor;
    if (cursor === null) break;
  }
  return parts;
}

function time(ms) {
  return new Date(ms).toISOString();
}

function head(columns, format) {
  return format === 'csv' ? `${columns.join(',')}\n` : '';
}

function lines(rows, columns, format) {
  const write = format === 'csv'
    ? (row) => columns.map((name) => field(row[name])).join(',') : JSON.stringify;
  return rows.map((row) => `${write(row)}\n`).join('');
}

function field(value) {
  const text = value === undefined || value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
