// One chart of the history: lines with the band between their smallest and largest readings, on one
// axis or two, drawn by dygraphs; the zone's own marks on the time axis.

import { h } from '../dom.js';
import { compact, figure, span, t } from '../text.js';
import { makeGraph } from '../chart.js';
import { unit } from '../units.js';
import { drawOverlay } from './overlay.js';
import { rows } from './traces.js';
import { instants, label, stepFor } from './ticks.js';
import { dateTime, tickText } from './dates.js';

const PAD = 0.08;
const TICK_APART_PX = 84;
/** A chart narrower than this gives its axes less room. */
const NARROW_PX = 420;
const AXES = ['y', 'y2'];
/** About how wide a letter of an axis is, and from where on its numbers are written short. */
const LETTER_PX = 7;
const COMPACT_FROM = 1e5;

export class HistoryPlot {
  constructor() {
    this.legend = h('figcaption', {});
    this.canvas = h('div', { class: 'canvas', role: 'img' });
    this.root = h('figure', { class: 'plot history-plot' }, this.legend, this.canvas);
    this.overlay = null;
    this.drawn = [];
  }

  close() {
    this.graph?.destroy();
    this.graph = null;
  }

  resize() {
    this.graph?.resize();
  }

  get isNarrow() {
    return this.canvas.clientWidth < NARROW_PX;
  }

  /** Where the lines are drawn, in pixels of the page. */
  get box() {
    const { x, w } = this.graph.getArea();
    const left = this.canvas.getBoundingClientRect().left + x;
    return { left, width: w };
  }

  /**
   * Draws `members` (`{ name, unit, kind, colour, axis, decimals, trace }`) between two times.
   */
  draw(members, view, overlay) {
    this.members = members;
    this.view = view;
    this.overlay = overlay;
    const options = { dateWindow: [view.fromMs, view.toMs], axes: this.axes() };
    if (!this.graph || !this.isDrawn(members)) {
      this.drawn = members.map(({ trace }) => [trace, trace.version]);
      this.file = rows(members.map(({ trace }) => trace));
      if (!this.file.length) {
        this.file = [[view.toMs, ...members.map(() => [NaN, NaN, NaN])]];
      }
      options.file = this.file;
    }
    const key = JSON.stringify([view.zone, view.language, view.isDark,
      members.map(({ name, axis, colour, kind }) => [name, axis, colour, kind])]);
    if (!this.graph || this.key !== key) {
      this.key = key;
      this.close();
      this.graph = makeGraph(this.canvas, this.file, {
        ...this.look(), dateWindow: options.dateWindow, axes: options.axes,
      });
    } else {
      this.graph.updateOptions(options);
    }
    if (!this.isPointed) this.showLegend();
    this.describe();
  }

  /** Whether these lines are drawn already, so that only what is seen of them changes. */
  isDrawn(members) {
    return members.length === this.drawn.length && members.every(({ trace }, i) =>
      trace === this.drawn[i][0] && trace.version === this.drawn[i][1]);
  }

  look() {
    const style = getComputedStyle(document.documentElement);
    this.ink = (name) => style.getPropertyValue(name).trim();
    const series = {};
    this.members.forEach(({ colour, kind, axis }, i) => {
      series[`s${i}`] = {
        axis: AXES[axis], color: this.ink(`--line-${colour % 8}`),
        stepPlot: kind !== 'measurement', strokePattern: colour >= 8 ? [6, 3] : null,
      };
    });
    return {
      labels: ['t', ...this.members.map((_, i) => `s${i}`)], series, customBars: true,
      plotter: [window.Dygraph.Plotters.errorPlotter, drawExtremes,
        window.Dygraph.Plotters.linePlotter],
      fillAlpha: 0.25, interactionModel: {}, connectSeparatedPoints: true, strokeWidth: 1.5,
      highlightCircleSize: 4, gridLineColor: this.ink('--grid'), axisLineColor: this.ink('--grid'),
      xRangePad: 0, animatedZooms: false, drawGapEdgePoints: true, pointSize: 1.5,
      underlayCallback: (context, area, graph) => {
        if (this.overlay) drawOverlay(context, area, graph, this.overlay, this.ink);
      },
      highlightCallback: (event, x, points, row) => this.point(x, row),
      unhighlightCallback: () => {
        this.isPointed = false;
        this.showLegend();
      },
    };
  }

  axes() {
    const y = (at) => {
      const range = this.valueRange(at);
      const written = (n) => (range ? axisFigure(n, range) : '');
      const letters = range ? Math.max(...range.map((n) => written(n).length)) : 0;
      return {
        // Long numbers get the room that they need: they are never cut.
        axisLabelWidth: Math.max(this.isNarrow ? 36 : 52, letters * LETTER_PX),
        pixelsPerLabel: 32, valueRange: range ?? [0, 1],
        // An axis of nothing has no numbers.
        axisLabelFormatter: written,
        drawGrid: at === 0, independentTicks: true,
      };
    };
    const isTwo = this.members.some(({ axis }) => axis === 1);
    return {
      x: { ticker: (from, to, pixels) => this.ticks(from, to, pixels), axisLabelWidth: 84 },
      y: y(0), ...(isTwo ? { y2: y(1) } : {}),
    };
  }

  ticks(fromMs, toMs, pixels) {
    const { zone } = this.view;
    const step = stepFor(toMs - fromMs, pixels, this.isNarrow ? 64 : TICK_APART_PX);
    return instants(zone, fromMs, toMs, step).map((ms) => ({
      v: ms, label: label(zone, ms, step, (at, what) => tickText(at, what, zone)),
    }));
  }

  /** From the smallest to the largest seen on an axis, limits of people included; null: nothing. */
  valueRange(axis) {
    let low = Infinity;
    let high = -Infinity;
    const take = (value) => {
      low = Math.min(low, value);
      high = Math.max(high, value);
    };
    for (const member of this.members.filter((each) => each.axis === axis)) {
      const seen = member.trace.extremes(this.view.fromMs, this.view.toMs);
      if (!seen) continue;
      take(seen.low);
      take(seen.high);
    }
    for (const limit of this.overlay.limits) {
      if (limit.axis === axis && limit.isSet) take(limit.value);
    }
    if (low > high) return null;
    if (low === high) {
      const room = Math.abs(low) * 0.05 || 1;
      return [low - room, high + room];
    }
    return [low - (high - low) * PAD, high + (high - low) * PAD];
  }

  // What it says

  point(x, row) {
    this.isPointed = true;
    const found = this.file[row];
    this.fillLegend(dateTime(x, this.view.zone, this.view.toMs - this.view.fromMs < 60_000),
      (member, i) => {
        const band = found?.[0] === x ? found[i + 1] : null;
        if (!band || Number.isNaN(band[1])) return '';
        const [low, mean, high] = band;
        const text = (value, more = 0) => written(value, member.decimals + more);
        const value = low === high ? text(mean)
          : t('history.band', { low: text(low), mean: text(mean, 1), high: text(high) });
        return [value, doubtText(member.trace, x)].filter(Boolean).join(' ');
      });
  }

  showLegend() {
    this.fillLegend('', () => '');
  }

  fillLegend(time, valueOf) {
    const side = (axis) => {
      const mine = this.members.map((member, i) => [member, i])
        .filter(([member]) => member.axis === axis);
      if (!mine.length) return null;
      return h('span', { class: 'side', 'data-side': axis },
        h('span', { class: 'unit' }, unit(mine[0][0].unit)),
        ...mine.map(([member, i]) => h('span', { class: 'line' },
          h('span', { class: 'swatch', 'data-colour': member.colour % 8,
            'data-dashed': member.colour >= 8 }),
          `${member.name} ${valueOf(member, i)}`.trim())));
    };
    this.legend.replaceChildren(...[side(0), h('span', { class: 'at' }, time), side(1)]
      .filter(Boolean));
  }

  /** What the picture shows, for those who do not see it. */
  describe() {
    const words = this.members.map(({ name, trace, decimals, unit: code }) => {
      const seen = trace.extremes(this.view.fromMs, this.view.toMs);
      if (!seen) return t('history.line-empty', { channel: name });
      return t('history.line', { channel: name, low: written(seen.low, decimals),
        high: written(seen.high, decimals), unit: unit(code) }).replace(/ ([.,;])/, '$1');
    });
    this.canvas.setAttribute('aria-label', words.join(' '));
  }
}

/** How far off a time of a line may be, where that is more than the picture shows. */
function doubtText(trace, timeMs) {
  const at = trace.times.indexOf(timeMs);
  return at >= 0 && trace.isDoubtful(at) ? boundText(trace.boundAt(at)) : '';
}

/** An uncertainty of time in words; null when nobody can say. */
export function boundText(boundMs) {
  return boundMs === null ? t('history.bound.none')
    : t('history.bound.within', { span: span(boundMs / 1000) });
}

/** A value with so many decimals; very large and very small ones as powers of ten. */
export function written(value, decimals) {
  if (!Number.isFinite(value)) return String(value);
  if (value !== 0 && (Math.abs(value) >= 1e15 || Math.abs(value) < 10 ** -(decimals + 3))) {
    return figure(value.toPrecision(4));
  }
  return figure(value.toFixed(decimals));
}

/** A stroke from the smallest to the largest reading of a slot: one that stands out is seen. */
function drawExtremes({ drawingContext: context, plotArea, points, color }) {
  context.save();
  context.strokeStyle = color;
  context.globalAlpha = 0.4;
  context.lineWidth = 1;
  context.beginPath();
  for (const { canvasx, y_bottom: one, y_top: other } of points) {
    if (!(Math.abs(one - other) > 0)) continue; // not a number in a gap
    context.moveTo(canvasx, plotArea.y + one * plotArea.h);
    context.lineTo(canvasx, plotArea.y + other * plotArea.h);
  }
  context.stroke();
  context.restore();
}

/** A number of an axis: large ones short, with as many digits as tell its marks apart. */
export function axisFigure(value, [low, high]) {
  const largest = Math.max(Math.abs(low), Math.abs(high));
  if (largest < COMPACT_FROM) return figure(String(Number(value.toPrecision(6))));
  const digits = Math.ceil(Math.log10(largest / Math.max(high - low, largest * 1e-12))) + 2;
  return compact(value, Math.min(15, Math.max(3, digits)));
}
