// The lines of a view: what was asked for, and what came live since.

import { takenMs, toWallMs } from '../clock.js';
import { Loader } from './loader.js';
import { OVERVIEW_SLOTS } from './overview.js';
import { keyOf } from './state.js';

const POINTS_MIN = 200;
const POINTS_MAX = 2_000;
/** What was live is asked for again as it is on disk: soon once, then at least so far apart. */
const AGAIN_FIRST_MS = 13_000;
const AGAIN_MIN_MS = 20_000;
const AGAIN_MAX_MS = 600_000;

export class Source {
  constructor() {
    this.loader = new Loader();
    this.overviewLoader = new Loader();
    this.clear();
  }

  clear() {
    this.traces = new Map();
    this.isSecond = false;
    this.isLively = false;
  }

  /** The feed is up: what came between the question and that is on no line, and asked for soon. */
  takeLine() {
    this.isLively = true;
  }

  stop() {
    this.loader.stop();
    this.overviewLoader.stop();
    clearTimeout(this.timer);
  }

  get isBusy() {
    return this.loader.cancel !== null;
  }

  /** Asks for lines as fine as they can be drawn; false when a newer question took its place. */
  async ask(series, fromMs, toMs, widthPx) {
    clearTimeout(this.timer);
    const points = Math.min(POINTS_MAX, Math.max(POINTS_MIN, Math.round(widthPx)));
    const found = await this.loader.ask(series, fromMs, toMs, points);
    if (!found) return false;
    for (const [key, trace] of found) this.keepLive(key, trace, toMs);
    this.traces = found;
    return true;
  }

  /** Readings that came live and are not on disk yet stay behind those that are. */
  keepLive(key, trace, toMs) {
    const before = this.traces.get(key);
    if (!before) return;
    for (let i = before.stored; i < before.times.length && before.times[i] <= toMs; i += 1) {
      trace.append(before.times[i], before.bands[i][1]);
    }
  }

  /** Calls `again` when what was live should be asked for as it is on disk. */
  later(spanMs, again) {
    const laterMs = Math.min(AGAIN_MAX_MS, Math.max(AGAIN_MIN_MS, spanMs / 200));
    this.timer = setTimeout(() => {
      const { isLively } = this;
      this.isLively = false;
      if (isLively && !document.hidden) again();
      else this.later(spanMs, again);
    }, this.isSecond ? laterMs : AGAIN_FIRST_MS);
    this.isSecond = true;
  }

  /** The lines over the whole time; null when something newer was asked, or nothing came. */
  async askOverview(series, fromMs, toMs) {
    if (!series.length) return [];
    try {
      const found = await this.overviewLoader.ask(series, fromMs, toMs, OVERVIEW_SLOTS);
      return found && series.map((one, colour) => ({ trace: found.get(keyOf(one)), colour }))
        .filter(({ trace }) => trace);
    } catch {
      return null; // the charts say what is wrong
    }
  }

  /** Puts a live reading behind its line; returns its time, null when it has no place there. */
  takeReading(reading) {
    const trace = this.traces.get(keyOf(reading));
    if (!trace || reading.number === undefined || reading.number === null) return null;
    const timeMs = Number.isFinite(reading.timeUs) ? reading.timeUs / 1000
      : toWallMs(takenMs(reading));
    if (!trace.append(timeMs, reading.number)) return null;
    this.isLively = true;
    return timeMs;
  }
}
