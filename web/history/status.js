// What the picture of the history cannot say: which span it is, that nothing is there, since when
// nothing came, how sure the times are, and what went wrong.

import { h, setShown, setText } from '../dom.js';
import { refusalText } from '../problems.js';
import { moment, span, t } from '../text.js';
import { rangeText } from './dates.js';
import { BOUND_MIN_PX } from './overlay.js';
import { BOUND_MIN_MS } from './traces.js';

/** Readings wait up to some seconds on the way: silence is said a little after it is sure. */
const ON_THE_WAY_MS = 2_000;

export class Status {
  constructor() {
    this.when = h('p', { class: 'when' });
    this.since = h('p', { class: 'since' });
    this.bound = h('p', { class: 'since', hidden: true });
    this.empty = h('p', { class: 'quiet-note', hidden: true });
    this.error = h('p', { class: 'error', role: 'alert', hidden: true });
  }

  show(members, [fromMs, toMs], { zone, isFollowing, isBusy, widthPx, nowMs }) {
    setText(this.when, rangeText(fromMs, toMs, zone));
    const traces = members.map(({ trace }) => trace).filter(Boolean);
    const isSeen = traces.some((trace) => trace.extremes(fromMs, toMs));
    setShown(this.empty, !members.length || (!isSeen && !isBusy));
    setText(this.empty, t(members.length ? 'history.nothing' : 'history.choose'));
    const last = Math.max(...traces.map((trace) => trace.lastMs ?? -Infinity));
    const gapMs = Math.min(...traces.map((trace) => trace.gapMs));
    const isSilent = isFollowing && Number.isFinite(last) && nowMs - last > gapMs + ON_THE_WAY_MS;
    this.since.classList.toggle('is-silent', isSilent);
    setText(this.since, isSilent ? t('chart.no-data-since', { time: moment(last) }) : '');
    this.showBound(traces.map((trace) => trace.doubts(fromMs, toMs)),
      (toMs - fromMs) / Math.max(1, widthPx));
  }

  showBound(doubts, pixelMs) {
    const boundMs = Math.max(0, ...doubts.map((doubt) => doubt.boundMs));
    const isWide = boundMs >= Math.max(BOUND_MIN_MS, (pixelMs * BOUND_MIN_PX) / 2);
    const words = [
      isWide && t('history.bound', { span: span(boundMs / 1000) }),
      doubts.some(({ spans }) => spans.length) && t('history.bound.strip'),
      doubts.some(({ isUnknown }) => isUnknown) && t('history.bound.unknown'),
    ].filter(Boolean);
    setShown(this.bound, words.length > 0);
    setText(this.bound, words.join(' '));
  }

  /** Says what went wrong; null when all is well again. */
  fail(error) {
    if (error) setText(this.error, refusalText(error));
    setShown(this.error, error !== null);
  }
}
