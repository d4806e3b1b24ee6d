// The whole time there are readings of, small, with a window on the part that is shown: moved and
// stretched with the pointer or, at its two ends, with the keys.

import { h, setAttribute } from '../dom.js';
import { t } from '../text.js';
import { dateTime } from './dates.js';

/** Slots that are asked for and drawn. */
export const OVERVIEW_SLOTS = 400;
const HEIGHT_PX = 48;
const STEP = 0.01;
/** How wide an end is, to be touched; the two never lie on each other. */
const END_PX = 24;
/** The window is drawn at least this wide: a minute of a year would be nothing. */
const WINDOW_MIN_PX = 6;

export class Overview {
  /** `host.zoom(from, to, isDone)` is called with each new range, `host.settle()` at the end. */
  constructor(host) {
    this.host = host;
    this.canvas = h('canvas', { 'aria-hidden': true });
    this.window = h('div', { class: 'window' });
    this.ends = ['from', 'to'].map((end) => h('div', {
      class: 'end', 'data-end': end, role: 'slider', tabindex: 0,
      'aria-label': t(`history.overview.${end}`), 'aria-valuemin': 0, 'aria-valuemax': 1000,
      onkeydown: (event) => this.key(event, end),
    }));
    this.root = h('div', { class: 'overview', role: 'group',
      'aria-label': t('history.overview.title') }, this.canvas, this.window, ...this.ends);
    this.root.addEventListener('pointerdown', (event) => this.down(event));
    this.root.addEventListener('pointermove', (event) => this.move(event));
    this.root.addEventListener('pointerup', () => this.up());
    this.root.addEventListener('pointercancel', () => this.up());
    this.traces = [];
    this.range = null;
    this.shown = null;
  }

  /** Takes the lines of the whole range; each is drawn over the whole height. */
  set(traces, fromMs, toMs) {
    this.traces = traces;
    this.range = [fromMs, toMs];
    this.draw();
    if (this.shown) this.show(...this.shown);
  }

  /** Shows which part is looked at. */
  show(fromMs, toMs, zone = this.zone) {
    this.shown = [fromMs, toMs];
    this.zone = zone;
    if (!this.range) return;
    const width = this.root.clientWidth;
    const [left, right] = [fromMs, toMs].map((ms) => this.part(ms) * width);
    const wide = Math.max(WINDOW_MIN_PX, right - left);
    const start = Math.min(left, width - wide);
    this.window.style.left = `${start}px`;
    this.window.style.width = `${wide}px`;
    this.ends[0].style.left = `${Math.min(width - 2 * END_PX, Math.max(0, start - END_PX))}px`;
    this.ends[1].style.left = `${Math.max(END_PX, Math.min(width - END_PX, start + wide))}px`;
    [fromMs, toMs].forEach((ms, i) => {
      setAttribute(this.ends[i], 'aria-valuenow', Math.round(this.part(ms) * 1000));
      setAttribute(this.ends[i], 'aria-valuetext', dateTime(ms, this.zone));
    });
  }

  part(ms) {
    const [from, to] = this.range;
    return Math.min(1, Math.max(0, (ms - from) / (to - from)));
  }

  timeAt(x) {
    const box = this.root.getBoundingClientRect();
    const [from, to] = this.range;
    return from + Math.min(1, Math.max(0, (x - box.left) / box.width)) * (to - from);
  }

  draw() {
    const width = this.root.clientWidth;
    if (!this.range || !width) return;
    const ratio = devicePixelRatio || 1;
    this.canvas.width = width * ratio;
    this.canvas.height = HEIGHT_PX * ratio;
    const context = this.canvas.getContext('2d');
    context.scale(ratio, ratio);
    const style = getComputedStyle(document.documentElement);
    for (const { trace, colour } of this.traces) {
      context.fillStyle = style.getPropertyValue(`--line-${colour % 8}`).trim();
      context.globalAlpha = 0.6;
      const seen = trace.extremes(-Infinity, Infinity);
      if (!seen) continue;
      const scale = (HEIGHT_PX - 6) / (seen.high - seen.low || 1);
      const slot = Math.max(1, width / OVERVIEW_SLOTS);
      trace.times.forEach((time, i) => {
        const [low, , high] = trace.bands[i];
        const top = HEIGHT_PX - 3 - (high - seen.low) * scale;
        context.fillRect(this.part(time) * width, top, slot, Math.max(1, (high - low) * scale));
      });
    }
  }

  key(event, end) {
    if (!this.range) return;
    const [from, to] = this.shown;
    const [first, last] = this.range;
    const byMs = (last - first) * STEP;
    const at = end === 'from' ? from : to;
    const moved = {
      ArrowLeft: at - byMs, ArrowDown: at - byMs, ArrowRight: at + byMs, ArrowUp: at + byMs,
      PageDown: at - 10 * byMs, PageUp: at + 10 * byMs, Home: first, End: last,
    }[event.key];
    if (moved === undefined) return;
    event.preventDefault();
    const bounded = Math.min(last, Math.max(first, moved));
    const next = end === 'from' ? [bounded, to] : [from, bounded];
    if (next[1] > next[0]) this.host.zoom(...next, true);
  }

  down(event) {
    if (!this.range || event.button !== 0) return;
    event.preventDefault();
    this.root.setPointerCapture(event.pointerId);
    const end = event.target.dataset?.end;
    if (end) event.target.focus({ preventScroll: true });
    const [from, to] = this.shown;
    const at = this.timeAt(event.clientX);
    this.drag = { end, at, from, to };
    if (!end && (at < from || at > to)) {
      // Beside the window: it comes here.
      const half = (to - from) / 2;
      Object.assign(this.drag, { from: at - half, to: at + half });
      this.host.zoom(at - half, at + half, false);
    }
  }

  move(event) {
    if (!this.drag) return;
    const { end, at, from, to } = this.drag;
    const byMs = this.timeAt(event.clientX) - at;
    const next = [end === 'to' ? from : from + byMs, end === 'from' ? to : to + byMs];
    if (next[1] > next[0]) this.host.zoom(...next, false);
  }

  up() {
    if (!this.drag) return;
    this.drag = null;
    this.host.settle();
  }
}
