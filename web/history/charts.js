// The charts below each other: one, or one for each unit, all on one time axis.

import { h } from '../dom.js';
import { t } from '../text.js';
import { Gestures } from './gestures.js';
import { HistoryPlot } from './plot.js';

export class Charts {
  /** `host` follows the gestures; `note` lies over the charts when there is nothing to see. */
  constructor(host, note) {
    this.note = note;
    this.plots = [];
    this.root = h('div', { class: 'charts', tabindex: 0, role: 'group',
      'aria-label': t('history.charts'), 'aria-describedby': 'history-keys' });
    this.gestures = new Gestures(this.root, host);
    this.make(0);
  }

  close() {
    for (const plot of this.plots) plot.close();
    this.plots = [];
  }

  resize() {
    for (const plot of this.plots) plot.resize();
  }

  /** Where time is drawn, in pixels of the window. */
  get box() {
    return this.plots[0]?.graph ? this.plots[0].box : this.root.getBoundingClientRect();
  }

  /** Draws a chart for each group. */
  draw(groups, view, overlayFor) {
    if (groups.length !== this.plots.length) this.make(groups.length);
    groups.forEach((group, i) => this.plots[i].draw(group, view, overlayFor(group)));
  }

  make(count) {
    this.close();
    this.plots = Array.from({ length: count }, () => new HistoryPlot());
    this.root.replaceChildren(...this.plots.map((plot) => plot.root), this.note,
      this.gestures.frame);
  }
}
