// The node's monotonic clock, followed from here: ages and times never depend on this computer's
// wall clock being right, nor jump when it is set.

/** A time axis that moved by less than this is left where it is, in milliseconds. */
const SHIFT_MIN_MS = 1_000;

let bootAheadMs = null; // node's CLOCK_BOOTTIME less performance.now()
let wallAheadMs = null; // wall clock less the node's CLOCK_BOOTTIME
let isTrusted = false;
let roundTripMs = Infinity;
let learntMs = 0;

/** Takes what the daemon said of its clocks, with when it was asked and when it answered. */
export function observe(view, askedMs, answeredMs) {
  const round = answeredMs - askedMs;
  const isOld = answeredMs - learntMs > 60_000;
  const boot = view.bootUs / 1000 - (askedMs + answeredMs) / 2;
  const isOther = bootAheadMs === null || Math.abs(boot - bootAheadMs) > 5_000;
  if (isOther || isOld || round <= roundTripMs) {
    bootAheadMs = boot;
    roundTripMs = round;
    learntMs = answeredMs;
  }
  const wall = view.trusted
    ? (view.wallUs - view.bootUs) / 1000
    : Date.now() - performance.now() - bootAheadMs;
  const isMoved = wallAheadMs === null || Math.abs(wall - wallAheadMs) > SHIFT_MIN_MS;
  if (isMoved || isTrusted !== view.trusted) wallAheadMs = wall;
  isTrusted = view.trusted;
  return isMoved;
}

export function isKnown() {
  return bootAheadMs !== null;
}

/** Whether times on the page are the node's, not this computer's. */
export function isNodeTrusted() {
  return isTrusted;
}

/** The node's clock now, in milliseconds since its boot. */
export function nowMs() {
  return performance.now() + (bootAheadMs ?? 0);
}

/** When a reading was taken, in milliseconds of the node's clock. */
export function takenMs(reading) {
  return (reading.nodeUs ?? reading.arrivalUs) / 1000;
}

/** A time of the node's clock as milliseconds since 1970. */
export function toWallMs(bootMs) {
  return bootMs + (wallAheadMs ?? 0);
}
