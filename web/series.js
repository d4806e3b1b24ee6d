// Readings of one channel in memory: ordered by time, bounded, with their gaps.

/** The most points kept of a channel; the oldest go first. */
export const POINTS_MAX = 2_400;
/** No reading for this many usual intervals is a gap. */
const GAP_INTERVALS = 4;
const GAP_MIN_MS = 3_000;
/** Intervals that the usual one is learnt from. */
const LEARN_FROM = 32;

export class Series {
  constructor() {
    this.times = []; // milliseconds of the node's clock
    this.values = [];
    this.marks = []; // epoch and number of the sample; what makes two readings one
    this.version = 0;
    this.unsureFromMs = null;
    this.usual = null;
  }

  get lastMs() {
    return this.times.at(-1) ?? null;
  }

  /**
   * Adds a reading where its number puts it, or its time where it has none. One that is there
   * already gets its newer time: what is known of a board's clock becomes better.
   *
   * Numbers go before times, since readings that came at different moments were put on the node's
   * clock by different fits, which may disagree by more than the readings are apart.
   */
  add(timeMs, value, mark) {
    const { times, marks } = this;
    let at = times.length;
    while (at > 0 && this.isAfter(at - 1, timeMs, mark)) at -= 1;
    const isTwin = at > 0
      && (mark === null ? times[at - 1] === timeMs : marks[at - 1] === mark);
    if (isTwin) {
      const time = this.within(timeMs, at - 2, at);
      if (time === times[at - 1]) return false;
      times[at - 1] = time;
    } else if (at === times.length) {
      times.push(this.within(timeMs, at - 1, at));
      this.values.push(value);
      marks.push(mark);
    } else {
      times.splice(at, 0, this.within(timeMs, at - 1, at));
      this.values.splice(at, 0, value);
      marks.splice(at, 0, mark);
    }
    // A tenth at a time: moving the whole array for each reading would cost more than it holds.
    if (times.length > POINTS_MAX * 1.1) this.drop(times.length - POINTS_MAX);
    this.version += 1;
    return !isTwin;
  }

  isAfter(at, timeMs, mark) {
    const other = this.marks[at];
    return mark !== null && other !== null ? other > mark : this.times[at] > timeMs;
  }

  /** A time between those of two neighbours, so that the axis never runs back. */
  within(timeMs, before, after) {
    const low = this.times[before] ?? -Infinity;
    const high = this.times[after] ?? Infinity;
    return Math.min(Math.max(timeMs, low), high);
  }

  /** Whether nothing came for so long before a reading that its line must be broken. */
  isGap(at) {
    const before = this.times[at - 1];
    if (this.times[at] - before <= this.gapMs()) return false;
    // What came shortly before the page is not on disk yet, and so not in the history: not a gap.
    return !(this.unsureFromMs <= before + 1 && this.unsureFromMs !== null);
  }

  drop(count) {
    this.times.splice(0, count);
    this.values.splice(0, count);
    this.marks.splice(0, count);
  }

  /** The usual time between two readings, in milliseconds: the median of the last ones. */
  usualMs() {
    if (this.usual?.version === this.version) return this.usual.ms;
    const intervals = [];
    for (let i = Math.max(1, this.times.length - LEARN_FROM); i < this.times.length; i += 1) {
      intervals.push(this.times[i] - this.times[i - 1]);
    }
    intervals.sort((a, b) => a - b);
    const ms = intervals.length ? Math.max(1, intervals[intervals.length >> 1]) : 1_000;
    this.usual = { version: this.version, ms };
    return ms;
  }

  /** How long no reading may come before that is a gap. */
  gapMs() {
    return Math.max(GAP_MIN_MS, this.usualMs() * GAP_INTERVALS);
  }

  /** The first index at or after a time. */
  indexFrom(timeMs) {
    let low = 0;
    let high = this.times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.times[middle] < timeMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * Rows for the chart: time and one value for each series, from `fromMs` on. A value of another
 * series' time is null (drawn through); a gap is NaN (not drawn through).
 */
export function rows(list, fromMs, toX) {
  const cursors = list.map((series) => Math.max(0, series.indexFrom(fromMs) - 1));
  const out = [];
  for (;;) {
    let time = Infinity;
    list.forEach((series, i) => {
      if (cursors[i] < series.times.length) time = Math.min(time, series.times[cursors[i]]);
    });
    if (time === Infinity) return out;
    const row = new Array(list.length + 1).fill(null);
    let broken = null;
    row[0] = toX(time);
    list.forEach((series, i) => {
      const at = cursors[i];
      if (at >= series.times.length || series.times[at] !== time) return;
      row[i + 1] = series.values[at];
      cursors[i] += 1;
      if (at > 0 && series.isGap(at)) {
        broken ??= new Array(list.length + 1).fill(null);
        broken[i + 1] = NaN;
      }
    });
    if (broken) {
      // Just before the reading that ends the gap, where no series has a value of its own.
      broken[0] = toX(time) - 0.001;
      out.push(broken);
    }
    out.push(row);
  }
}
