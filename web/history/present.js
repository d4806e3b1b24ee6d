// The present, by the best clock there is.

import { isKnown, nowMs, toWallMs } from '../clock.js';
import { DAY_MS } from './state.js';

/** The present on the node's clock, or on this computer's while that is not known. */
export function presentMs() {
  return isKnown() ? toWallMs(nowMs()) : Date.now();
}

/** Whether a device of the page said something in the last day. */
export function wasHeard(device) {
  const lastMs = device?.lastMs ?? null;
  return lastMs !== null && isKnown() && nowMs() - lastMs < DAY_MS;
}
