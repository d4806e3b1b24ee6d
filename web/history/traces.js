// The line of one channel on a chart: slots of time with the smallest, the largest and the mean
// reading of each, or the readings themselves where they are few; and where the line is broken.

/** No reading for this many usual intervals is a gap, as on the live charts. */
const GAP_INTERVALS = 4;
const GAP_MIN_MS = 3_000;
/** Slots in a row without a reading that are a gap, where a slot holds several. */
const GAP_SLOTS = 1.5;
/** An uncertainty of time smaller than this is not worth a word. */
export const BOUND_MIN_MS = 1_000;
/** Live readings kept behind those that are on disk, until these are asked for again. */
export const LIVE_MAX = 2_000;

export class Trace {
  /** Takes the daemon's columns, asked for over `spanMs` in `slots` slots. */
  constructor(columns, spanMs, slots) {
    const at = (columns.time_us ?? []).map((us) => us / 1000);
    this.times = at;
    this.counts = columns.count ?? at.map(() => 1);
    this.bands = at.map((_, i) => [
      columns.min[i], (columns.avg ?? columns.min)[i], columns.max[i],
    ]);
    this.stored = at.length;
    this.version = 0; // counts what came live
    this.isSlots = this.counts.some((count) => count > 1);
    this.slotMs = spanMs / slots;
    /** How far off the times of each slot may be; null where nobody can say. */
    this.bounds = (columns.bounds_us ?? []).map((us) => (us === null ? null : us / 1000));
    this.gapMs = this.findGap(this.slotMs);
    this.readings = this.counts.reduce((sum, count) => sum + count, 0);
  }

  /** How long no slot may be seen before that is a gap. */
  findGap(slotMs) {
    const usualMs = this.usualMs();
    if (!this.isSlots) return Math.max(GAP_MIN_MS, usualMs * GAP_INTERVALS);
    // A slot of the daemon is never longer than asked for, but may be one of its own grid.
    const counts = [...this.counts].sort((a, b) => a - b);
    const perSlot = counts[counts.length >> 1] ?? 1;
    const betweenMs = Math.max(slotMs, usualMs) / perSlot;
    return Math.max(GAP_MIN_MS, Math.max(slotMs, usualMs) * GAP_SLOTS, betweenMs * GAP_INTERVALS);
  }

  /** The median time between two slots. */
  usualMs() {
    const intervals = [];
    for (let i = 1; i < this.times.length; i += 1) {
      intervals.push(this.times[i] - this.times[i - 1]);
    }
    intervals.sort((a, b) => a - b);
    return intervals[intervals.length >> 1] ?? 1_000;
  }

  /** How far off a time of the line may be: null when nobody can say, 0 of what came live. */
  boundAt(at) {
    return at < this.stored && at < this.bounds.length ? this.bounds[at] : 0;
  }

  /** Whether a time may be off by more than the slot it is drawn in. */
  isDoubtful(at) {
    const boundMs = this.boundAt(at);
    return boundMs === null || boundMs > Math.max(BOUND_MIN_MS, this.slotMs);
  }

  /**
   * How sure the times between two are: how far off the worst may be, whether of some nobody can
   * say, and the spans of those that are less sure than they are drawn.
   */
  doubts(fromMs, toMs) {
    let boundMs = 0;
    let isUnknown = false;
    const spans = [];
    for (let at = 0; at < Math.min(this.stored, this.bounds.length); at += 1) {
      const time = this.times[at];
      if (time < fromMs || time > toMs) continue;
      isUnknown ||= this.bounds[at] === null;
      boundMs = Math.max(boundMs, this.bounds[at] ?? 0);
      if (!this.isDoubtful(at)) continue;
      const last = spans.at(-1);
      if (last?.at === at - 1 && !this.isGap(at)) [last.at, last.toMs] = [at, time + this.slotMs];
      else spans.push({ at, fromMs: time, toMs: time + this.slotMs });
    }
    return { boundMs, isUnknown, spans };
  }

  get lastMs() {
    return this.times.at(-1) ?? null;
  }

  /** Puts a live reading at the right end; false when it lies before that. */
  append(timeMs, value) {
    if (timeMs <= (this.lastMs ?? -Infinity)) return false;
    this.times.push(timeMs);
    this.bands.push([value, value, value]);
    this.counts.push(1);
    this.version += 1;
    if (this.times.length - this.stored > LIVE_MAX) {
      this.times.splice(this.stored, 1);
      this.bands.splice(this.stored, 1);
      this.counts.splice(this.stored, 1);
    }
    return true;
  }

  isGap(at) {
    // What came between the last one on disk and the first live one may be about to be written.
    if (at === this.stored && this.times.length > this.stored) return false;
    return this.times[at] - this.times[at - 1] > this.gapMs;
  }

  /** The smallest and the largest value between two times, null without any. */
  extremes(fromMs, toMs) {
    let low = Infinity;
    let high = -Infinity;
    this.times.forEach((time, i) => {
      if (time < fromMs || time > toMs) return;
      low = Math.min(low, this.bands[i][0]);
      high = Math.max(high, this.bands[i][2]);
    });
    return low <= high ? { low, high } : null;
  }
}

/**
 * Rows for dygraphs: a time, and a band `[low, mean, high]` for each trace. A time of another trace
 * is null (drawn through); a gap is NaN (not drawn through).
 */
export function rows(traces) {
  const cursors = traces.map(() => 0);
  const out = [];
  for (;;) {
    let time = Infinity;
    traces.forEach((trace, i) => {
      if (cursors[i] < trace.times.length) time = Math.min(time, trace.times[cursors[i]]);
    });
    if (time === Infinity) return out;
    const row = [time, ...traces.map(() => null)];
    let broken = null;
    traces.forEach((trace, i) => {
      const at = cursors[i];
      if (trace.times[at] !== time) return;
      row[i + 1] = trace.bands[at];
      cursors[i] += 1;
      if (at > 0 && trace.isGap(at)) {
        broken ??= new Array(traces.length + 1).fill(null);
        broken[i + 1] = [NaN, NaN, NaN];
      }
    });
    if (broken) {
      broken[0] = time - 0.001;
      out.push(broken);
    }
    out.push(row);
  }
}
