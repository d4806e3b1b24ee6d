// The history: charts of some channels over any span of time, with what belongs to them. Its
// address says all of it, so what is set here changes the address, and the address what is shown.

import { getSeries } from '../api.js';
import { h, setAttribute, setShown } from '../dom.js';
import { currentLanguage, t } from '../text.js';
import { Charts } from './charts.js';
import { Limits, Picker, Toolbar } from './controls.js';
import { Kept } from './kept.js';
import { layOut, membersOf, overlayFor } from './layout.js';
import { Overview } from './overview.js';
import { Notes } from './notes.js';
import { presentMs, wasHeard } from './present.js';
import { Retention } from './retention.js';
import { Source } from './source.js';
import * as states from './state.js';
import { Status } from './status.js';
import { Table } from './table.js';

/** While a gesture goes on it is asked at most so often, and its end is waited for so long. */
const ASK_EVERY_MS = 120;
const SETTLED_MS = 400;
const DRAW_EVERY_MS = 250;
/** After a change of the history others may follow: they are waited for so long. */
const CHANGED_MS = 300;
/** Which series there are is asked for at most so often. */
const LEARN_EVERY_MS = 30_000;
/** Nearer to the present than this part of the span, a view follows it. */
const NEAR_NOW = 0.01;

export class HistoryView {
  /** `context` gives the devices of the page by id, and says words to those who do not see it. */
  constructor(root, context) {
    this.root = root;
    this.context = context;
    this.known = [];
    this.learntMs = -Infinity;
    this.source = new Source();
    this.observer = new ResizeObserver(() => this.resize());
  }

  get parts() {
    return [this.table, this.notes, this.retention, this.kept];
  }

  get isOpen() {
    return !this.root.hidden;
  }

  // Opening and closing

  async open(hash) {
    const state = states.parse(hash);
    if (!this.isOpen || this.language !== currentLanguage()) {
      this.build();
      this.source.clear();
    }
    this.state = state;
    this.edgeMs = presentMs();
    this.isAsked = false;
    setShown(this.root, true);
    this.firstMs ??= this.edgeMs - states.DAY_MS;
    const isOpenEnded = state.fromMs === null && state.lastMs === null;
    const isHeard = state.series.some(({ device }) => wasHeard(this.context.devices.get(device)));
    if (isOpenEnded && isHeard) state.lastMs = states.DAY_MS;
    if (state.fromMs !== null || state.lastMs !== null) this.refresh();
    const learning = this.learn();
    this.learning = learning;
    await learning;
    if (this.learning !== learning || !this.isOpen) return; // another address came meanwhile
    this.begin();
    this.askOverview();
    if (this.isAsked) this.draw();
    else this.refresh();
  }

  /** Says where one is, to those who came by a key or hear the page. */
  focus() {
    this.heading.focus({ preventScroll: true });
  }

  close() {
    if (!this.isOpen) return;
    setShown(this.root, false);
    this.source.stop();
    for (const part of this.parts) part.close();
    [this.askTimer, this.settleTimer, this.drawTimer, this.changeTimer].forEach(
      (timer) => clearTimeout(timer));
    this.askTimer = this.drawTimer = this.changeTimer = null;
    this.charts.close();
    this.observer.disconnect();
    this.root.replaceChildren();
  }

  build() {
    this.language = currentLanguage();
    this.charts?.close();
    this.heading = h('h2', { tabindex: -1, class: 'history-title' }, t('history.title'));
    this.status = new Status();
    this.toolbar = new Toolbar(this);
    this.picker = new Picker(this);
    this.limits = new Limits(this);
    this.overview = new Overview(this);
    this.table = new Table(this);
    this.notes = new Notes(this);
    this.retention = new Retention(this);
    this.kept = new Kept(this);
    this.charts = new Charts(this, this.status.empty);
    this.gestures = this.charts.gestures;
    this.root.replaceChildren(
      h('div', { class: 'history-head' },
        h('a', { class: 'back', href: '#' }, t('history.back')), this.heading),
      this.picker.root, this.toolbar.root,
      h('div', { class: 'history-body' },
        h('div', { class: 'picture' },
          h('div', { class: 'chart-head' }, this.status.when, this.status.since),
          this.status.error, this.charts.root, this.status.bound, this.kept.words,
          this.overview.root,
          h('p', { class: 'hint', id: 'history-keys' }, t('history.keys')),
          this.notes.root, this.limits.root, this.retention.root),
        this.table.root, this.table.rows));
    this.observer.disconnect();
    this.observer.observe(this.charts.root);
  }

  /** Asks which series there are, unless that is known since a moment ago. */
  async learn() {
    if (performance.now() - this.learntMs < LEARN_EVERY_MS) return;
    try {
      this.known = (await getSeries()).series;
      this.learntMs = performance.now();
    } catch (error) {
      this.status.fail(error);
    }
  }

  /** Fills in what the address leaves open: the last day there is, or the whole if shorter. */
  begin() {
    const { firstMs, ...range } = states.openRange(this.state, this.known, this.edgeMs);
    this.firstMs = firstMs;
    Object.assign(this.state, range);
  }

  nameOf = (device) => this.context.devices.get(device)?.title ?? device;

  // The range

  get isFollowing() {
    return this.state.fromMs === null;
  }

  range() {
    const { fromMs, toMs, lastMs } = this.state;
    if (fromMs !== null) return [fromMs, toMs];
    return [this.edgeMs - (lastMs ?? states.DAY_MS), this.edgeMs];
  }

  box() {
    return this.charts.box;
  }

  /** Shows a range; until the gesture is done the address waits. */
  zoom(from, to, isDone) {
    const [fromMs, toMs] = states.clampRange(from, to);
    const isNear = Math.abs(toMs - this.edgeMs) < NEAR_NOW * (toMs - fromMs);
    if (this.isFollowing && isNear) this.set({ lastMs: toMs - fromMs });
    else this.set({ fromMs, toMs, lastMs: null });
    this.draw();
    this.settleTimer = clearTimeout(this.settleTimer);
    if (isDone) {
      this.settle();
      return;
    }
    this.settleTimer = setTimeout(() => this.settle(), SETTLED_MS);
    this.askTimer ??= setTimeout(() => {
      this.askTimer = null;
      this.ask();
    }, ASK_EVERY_MS);
  }

  /** A gesture has ended: its range becomes part of the address. */
  settle() {
    clearTimeout(this.settleTimer);
    this.commit();
    this.refresh();
    this.context.announce(this.status.when.textContent);
  }

  showSpan(spanMs) {
    const [, toMs] = this.range();
    if (this.isFollowing) this.set({ lastMs: spanMs });
    else this.set({ fromMs: toMs - spanMs, toMs });
    this.settle();
  }

  async showAll() {
    await this.learning;
    this.set({ fromMs: null, toMs: null,
      lastMs: states.clampSpan((presentMs() - this.firstMs) * 1.01) });
    this.edgeMs = presentMs();
    this.settle();
  }

  showNow() {
    const [fromMs, toMs] = this.range();
    this.edgeMs = presentMs();
    this.set({ fromMs: null, toMs: null, lastMs: toMs - fromMs });
    this.settle();
  }

  pick(ms) {
    this.notes.pick(ms);
  }

  // What is set

  set(change) {
    this.state = { ...this.state, ...change };
  }

  commit() {
    const hash = states.format(this.state);
    if (hash !== location.hash) history.pushState(null, '', hash);
  }

  setZone(zone) {
    this.set({ zone });
    this.commit();
    this.draw();
    this.updateTable();
  }

  setFilter(change) {
    this.set(change);
    this.commit();
    this.draw();
    this.updateTable();
  }

  add(one) {
    this.change([...this.state.series, one], this.state.limits);
  }

  remove(member) {
    const at = this.state.series.findIndex((one) => states.isSame(one, member));
    // Limits name their series by its place.
    const limits = this.state.limits.filter((limit) => limit.at !== at)
      .map((limit) => ({ ...limit, at: limit.at - (limit.at > at) }));
    this.change(this.state.series.filter((_, i) => i !== at), limits);
    this.charts.root.focus({ preventScroll: true });
  }

  change(series, limits) {
    this.set({ series, limits });
    this.commit();
    this.begin();
    this.askOverview();
    this.refresh();
  }

  addLimit(limit) {
    this.set({ limits: [...this.state.limits, limit] });
    this.commit();
    this.draw();
  }

  removeLimit(limit) {
    this.set({ limits: this.state.limits.filter((each) => each !== limit) });
    this.commit();
    this.draw();
  }

  // Asking

  /** Asks for what is shown, and brings everything else in line. */
  refresh() {
    this.draw();
    this.ask();
    this.updateTable();
  }

  async ask() {
    this.isAsked = true;
    const { series } = this.state;
    const [fromMs, toMs] = this.range();
    setAttribute(this.charts.root, 'aria-busy', 'true');
    try {
      if (!await this.source.ask(series, fromMs, toMs, this.box().width)) return;
      this.status.fail(null);
      this.draw();
      this.updateTable();
      if (this.seesPresent()) this.source.later(toMs - fromMs, () => this.refresh());
    } catch (error) {
      this.status.fail(error);
    }
    setAttribute(this.charts.root, 'aria-busy', null);
  }

  async askOverview() {
    if (!this.known.length) return; // nor is it known since when
    const range = [this.firstMs, Math.max(this.edgeMs, this.firstMs + states.SPAN_MIN_MS)];
    const traces = await this.source.askOverview(this.state.series, ...range);
    if (!traces) return;
    this.overview.set(traces, ...range);
    this.overview.show(...this.range(), this.state.zone);
  }

  // Live

  seesPresent() {
    return this.isFollowing || this.state.toMs >= this.edgeMs;
  }

  takeReading(reading) {
    if (!this.isOpen || !this.seesPresent()) return;
    const timeMs = this.source.takeReading(reading);
    if (timeMs === null) return;
    this.edgeMs = Math.max(this.edgeMs, timeMs);
    const [from, to] = this.range(); // a change of less than a pixel need not be drawn
    const pixelMs = (to - from) / Math.max(1, this.box().width);
    this.drawTimer ??= setTimeout(() => {
      this.drawTimer = null;
      this.draw();
    }, Math.max(DRAW_EVERY_MS, Math.min(pixelMs, 5_000)));
  }

  /** What is stored of some time is another than it was: asked for again, once in a while. */
  takeChange({ device }) {
    const isShown = !device || this.state?.series.some((one) => one.device === device);
    if (!this.isOpen || !isShown) return;
    this.changeTimer ??= setTimeout(() => {
      this.changeTimer = null;
      [this.table, this.notes, this.kept].forEach((part) => part.forget());
      this.refresh();
      this.askOverview();
    }, CHANGED_MS);
  }

  // Drawing

  resize() {
    this.charts.resize();
    this.overview.draw();
    if (this.state) this.overview.show(...this.range(), this.state.zone);
  }

  redraw() {
    if (!this.isOpen) return;
    this.draw();
    this.overview.draw();
  }

  /** Draws what there is, in the range that is wanted. */
  draw() {
    if (!this.isOpen) return;
    const [fromMs, toMs] = this.range();
    const members = membersOf(this.state, this.source.traces, this.known, this.context.devices);
    this.members = members;
    const groups = layOut(members.filter(({ trace }) => trace));
    const view = { fromMs, toMs, zone: this.state.zone, language: this.language,
      isDark: matchMedia('(prefers-color-scheme: dark)').matches };
    this.charts.draw(groups, view, (group) => ({
      ...overlayFor(group, this.state, members, fromMs, toMs), ...this.notes.marks(group),
      kept: this.kept.shown(group, fromMs, toMs) }));
    this.overview.show(fromMs, toMs, this.state.zone);
    this.toolbar.show(this.state, toMs - fromMs, this.isFollowing);
    this.picker.show(members, this.known, this.nameOf);
    this.limits.show(members, this.state.limits);
    this.table.look(fromMs, toMs, this.isFollowing);
    this.say();
  }

  /** Names of devices and their decimals may have come. */
  rename() {
    if (!this.isOpen || !this.members) return;
    const before = JSON.stringify(this.members.map(({ title }) => title));
    this.draw();
    if (before !== JSON.stringify(this.members.map(({ title }) => title))) this.updateTable();
  }

  say() {
    this.status.show(this.members, this.range(), {
      zone: this.state.zone, isFollowing: this.isFollowing, isBusy: this.source.isBusy,
      widthPx: this.box().width, nowMs: presentMs(),
    });
    this.kept.say(this.members, ...this.range());
  }

  /** Ages count on while nothing comes. */
  tick() {
    if (this.isOpen && this.members && this.isFollowing) this.say();
  }

  updateTable() {
    for (const part of this.parts) {
      part.update(this.members, this.state, ...this.range());
    }
  }
}
