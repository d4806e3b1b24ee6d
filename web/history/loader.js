// Asks for what a chart shows: a new question cancels the one before, and what came last is kept
// until something newer is there.

import { askReadings } from '../api.js';
import { keyOf } from './state.js';
import { Trace } from './traces.js';

/** Asked for on either side of what is seen, so that lines reach the edges. */
const MARGIN = 0.02;
const TIME_MAX_US = Number.MAX_SAFE_INTEGER;

export class Loader {
  constructor() {
    this.cancel = null;
  }

  stop() {
    this.cancel?.abort();
    this.cancel = null;
  }

  /** The lines of channels between two times; null when a newer question took its place. */
  async ask(series, fromMs, toMs, points) {
    this.stop();
    const cancel = new AbortController();
    this.cancel = cancel;
    const marginMs = (toMs - fromMs) * MARGIN;
    const slots = Math.round(points * (1 + 2 * MARGIN));
    const span = { from: micros(fromMs - marginMs), to: micros(toMs + marginMs) };
    const devices = new Map();
    for (const { device, channel } of series) {
      devices.set(device, [...(devices.get(device) ?? []), channel]);
    }
    try {
      const answers = await Promise.all([...devices].map(([device, channels]) =>
        askReadings({ device, channel: channels, ...span, points: slots }, cancel.signal)
          .then((answer) => [device, answer])));
      if (this.cancel !== cancel) return null;
      this.cancel = null;
      return this.traces(answers, toMs - fromMs + 2 * marginMs, slots);
    } catch (error) {
      // One that failed makes the others useless.
      const isLatest = this.cancel === cancel;
      cancel.abort();
      if (!isLatest) return null;
      this.cancel = null;
      throw error;
    }
  }

  traces(answers, spanMs, slots) {
    const found = new Map();
    for (const [device, answer] of answers) {
      for (const columns of answer) {
        const trace = new Trace(columns, spanMs, slots);
        trace.unit = columns.unit ?? '';
        found.set(keyOf({ device, channel: columns.channel }), trace);
      }
    }
    return found;
  }
}

/** Microseconds, as the API counts them. */
export function micros(ms) {
  return Math.min(TIME_MAX_US, Math.max(-TIME_MAX_US, Math.round(ms * 1000)));
}
