// Zooming and moving with mouse, wheel, fingers and keys. What a gesture means is told as a range
// of time; nothing is drawn here but the frame of a selection.

import { h, setShown } from '../dom.js';

/** A drag shorter than this many pixels is a click. */
const DRAG_MIN_PX = 6;
const WHEEL_STEP = 1.0015;
const WHEEL_MAX = 400;
const ZOOM = 2;
const MOVE = 0.25;

/**
 * Follows what is done on `area`. `host.box()` is where time is drawn ({left, width} in pixels),
 * `host.range()` the range shown; `host.zoom(from, to, isDone)` is called with each new one.
 */
export class Gestures {
  constructor(area, host) {
    this.area = area;
    this.host = host;
    this.touches = new Map();
    this.frame = h('div', { class: 'selection', hidden: true });
    area.append(this.frame);
    area.addEventListener('pointerdown', (event) => this.down(event));
    area.addEventListener('pointermove', (event) => this.move(event));
    area.addEventListener('pointerup', (event) => this.up(event, true));
    area.addEventListener('pointercancel', (event) => this.up(event, false));
    area.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
    area.addEventListener('dblclick', (event) => this.scale(ZOOM * 2, this.timeAt(event.clientX)));
    area.addEventListener('keydown', (event) => this.key(event));
  }

  timeAt(x) {
    const { left, width } = this.host.box();
    const [from, to] = this.host.range();
    const part = Math.min(1, Math.max(0, (x - left) / Math.max(1, width)));
    return from + part * (to - from);
  }

  /** Makes the range `factor` times as long about a time that stays where it is. */
  scale(factor, atMs, isDone = true) {
    const [from, to] = this.host.range();
    const at = atMs ?? (from + to) / 2;
    this.host.zoom(at - (at - from) * factor, at + (to - at) * factor, isDone);
  }

  zoomIn() {
    this.scale(1 / ZOOM);
  }

  zoomOut() {
    this.scale(ZOOM);
  }

  /** Moves the range by a part of its length. */
  shift(part) {
    const [from, to] = this.host.range();
    this.host.zoom(from + part * (to - from), to + part * (to - from), true);
  }

  earlier() {
    this.shift(-MOVE);
  }

  later() {
    this.shift(MOVE);
  }

  key(event) {
    if (event.target !== this.area || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = {
      '+': () => this.zoomIn(), '=': () => this.zoomIn(), '-': () => this.zoomOut(),
      ArrowUp: () => this.zoomIn(), ArrowDown: () => this.zoomOut(),
      ArrowLeft: () => this.earlier(), ArrowRight: () => this.later(),
      PageUp: () => this.shift(-1), PageDown: () => this.shift(1),
      Home: () => this.host.showAll(), End: () => this.host.showNow(),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  wheel(event) {
    // Without a key the page scrolls, as everywhere else; a pinch on a trackpad comes with ctrl.
    if (!event.ctrlKey && !event.metaKey && !event.shiftKey) return;
    event.preventDefault();
    const raw = event.deltaY || event.deltaX;
    const delta = Math.min(WHEEL_MAX, Math.max(-WHEEL_MAX, raw));
    this.scale(WHEEL_STEP ** delta, this.timeAt(event.clientX), false);
  }

  down(event) {
    if (event.target.closest('button, a')) return;
    if (event.pointerType === 'touch') {
      this.touches.set(event.pointerId, event.clientX);
      this.hold();
      return;
    }
    if (event.button !== 0) return;
    event.preventDefault(); // no text is selected
    this.area.focus({ preventScroll: true });
    this.area.setPointerCapture(event.pointerId);
    this.drag = { x: event.clientX, isMove: event.shiftKey, range: this.host.range() };
  }

  /** Remembers which times the fingers are on. */
  hold() {
    this.held = [...this.touches].map(([id, x]) => ({ id, time: this.timeAt(x), x }));
    this.heldRange = this.host.range();
  }

  move(event) {
    if (this.touches.has(event.pointerId)) {
      this.touches.set(event.pointerId, event.clientX);
      this.stretch();
      return;
    }
    if (!this.drag) return;
    const { left, width } = this.host.box();
    if (this.drag.isMove) {
      const [from, to] = this.drag.range;
      const byMs = ((this.drag.x - event.clientX) / width) * (to - from);
      this.host.zoom(from + byMs, to + byMs, false);
      return;
    }
    const areaLeft = this.area.getBoundingClientRect().left;
    const inside = (x) => Math.min(left + width, Math.max(left, x));
    const [from, to] = [this.drag.x, event.clientX].map(inside).sort((a, b) => a - b);
    setShown(this.frame, to - from >= DRAG_MIN_PX);
    this.frame.style.left = `${from - areaLeft}px`;
    this.frame.style.width = `${to - from}px`;
  }

  /** One finger moves, two stretch: the times they were put on stay under them. */
  stretch() {
    const { left, width } = this.host.box();
    const [first, second] = this.held;
    const x = (one) => this.touches.get(one.id) - left;
    const [from, to] = this.heldRange;
    if (!second) {
      const byMs = ((first.x - left - x(first)) / width) * (to - from);
      this.host.zoom(from + byMs, to + byMs, false);
      return;
    }
    const apart = x(second) - x(first);
    const isTurned = Math.sign(apart) !== Math.sign(second.time - first.time);
    if (Math.abs(apart) < 10 || isTurned) return;
    const perPx = (second.time - first.time) / apart;
    const newFrom = first.time - x(first) * perPx;
    this.host.zoom(newFrom, newFrom + width * perPx, false);
  }

  up(event, isDone) {
    if (this.touches.delete(event.pointerId)) {
      if (this.touches.size) this.hold();
      else this.host.settle();
      return;
    }
    const { drag } = this;
    this.drag = null;
    setShown(this.frame, false);
    if (!drag || !isDone) return;
    if (drag.isMove) {
      this.host.settle();
    } else if (Math.abs(event.clientX - drag.x) >= DRAG_MIN_PX) {
      const [from, to] = [drag.x, event.clientX].map((x) => this.timeAt(x)).sort((a, b) => a - b);
      this.host.zoom(from, to, true);
    } else {
      this.host.pick(this.timeAt(event.clientX));
    }
  }
}
