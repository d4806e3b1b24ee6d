// The last readings of the channels on the charts of the cards, asked for as somebody sees them.

import { getReadings } from './api.js';

/** Readings are on disk within some seconds; then the hole between history and feed closes. */
const AGAIN_MS = 13_000;
/** Readings of a channel asked for: for minutes, for half an hour, and to close the hole. */
const SHORT = 800;
const LONG = 2_000;
const TAIL = 400;

export class Recent {
  /** Calls `onChange(device)` when readings of a device came. */
  constructor(onChange) {
    this.onChange = onChange;
  }

  /** Asks for what is on disk of the channels on a chart that somebody sees. */
  ask(device, card) {
    if (!card?.isVisible) return;
    const last = device.minutes > 10 ? LONG : SHORT;
    for (const key of card.selection.keys()) {
      if ((device.history.get(key) ?? 0) >= last) continue;
      device.history.set(key, last);
      this.fetch(device, key, last, false);
    }
  }

  async fetch(device, key, last, isSettled) {
    try {
      const { readings } = await getReadings(device.id, key, last);
      device.takeHistory(key, readings, isSettled);
      this.onChange(device);
      if (isSettled) return;
      setTimeout(() => this.fetch(device, key, TAIL, true), AGAIN_MS);
    } catch {
      device.history.delete(key); // asked again when the card is next looked at
    }
  }
}
