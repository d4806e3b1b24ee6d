// The chart of a device: one plot a unit, all on one real time axis, drawn by dygraphs on a canvas;
// and the same readings as a table. It moves only when a reading comes.

import { h, setAttribute, setContent, setShown, setText } from './dom.js';
import { figure, hourMinute, moment, t, timeOfDay } from './text.js';
import { nowMs, toWallMs } from './clock.js';
import { rows } from './series.js';
import { format, fresh } from './history/state.js';
import { unit } from './units.js';

/** Plots of different units below each other; a further unit takes the place of the oldest. */
export const PLOTS_MAX = 3;
const WINDOWS_MIN = [2, 10, 30];
const SPANS_MS = [60_000, 120_000, 300_000, 600_000];
const DRAW_EVERY_MS = 250;
const TABLE_EVERY_MS = 2_000;
const TABLE_ROWS = 30;

export class Chart {
  constructor(device, selection, getMinutes, setMinutes) {
    this.device = device;
    this.selection = selection;
    this.getMinutes = getMinutes;
    this.plots = new Map();
    this.drawnMs = 0;
    this.tabledMs = 0;
    this.windows = h('select', { onchange: () => {
      setMinutes(Number(this.windows.value));
      this.drawnKey = null;
      this.update();
    } }, ...WINDOWS_MIN.map((minutes) => h('option', {
      value: minutes, selected: minutes === getMinutes(),
    }, t('chart.minutes', { count: minutes }))));
    this.since = h('p', { class: 'since' });
    this.past = h('a', { class: 'past' }, t('history.title'),
      h('span', { class: 'unseen' }, ` ${device.title}`));
    this.area = h('div', { class: 'plots' });
    this.tableArea = h('div', { class: 'scroll', tabindex: 0, role: 'group',
      'aria-label': t('table.title') });
    this.table = h('details', { class: 'fold', ontoggle: () => this.updateTable(true) },
      h('summary', {}, t('table.title')), this.tableArea);
    this.root = h('div', { class: 'chart', role: 'group', 'aria-label': t('chart.title') },
      h('div', { class: 'chart-head' }, this.since, this.past,
        h('label', {}, h('span', { class: 'unseen' }, t('chart.window')), this.windows)),
      this.area);
    this.observer = new ResizeObserver(() => {
      for (const plot of this.plots.values()) plot.resize();
    });
    this.observer.observe(this.area);
  }

  close() {
    this.observer.disconnect();
    for (const plot of this.plots.values()) plot.close();
    this.plots.clear();
  }

  /** Where the history of some of its channels is. */
  addressOf = (keys) => format(fresh(keys.map((channel) => ({ device: this.device.id, channel }))));

  /** The channels that are on, by unit, in the order of the device. */
  groups() {
    const groups = new Map();
    for (const channel of this.device.view.channels) {
      const colour = this.selection.get(channel.key);
      if (colour === undefined) continue;
      if (!groups.has(channel.unit)) groups.set(channel.unit, []);
      groups.get(channel.unit).push({ channel, colour });
    }
    return groups;
  }

  /** Draws what changed; returns whether it must be called again soon. */
  update() {
    const now = performance.now();
    const hasData = this.device.series.size > 0;
    setShown(this.root, hasData);
    setShown(this.table, hasData);
    if (!hasData || !this.root.isConnected) return false;
    this.updateSince();
    if (now - this.drawnMs < DRAW_EVERY_MS) return true;
    const groups = this.groups();
    const key = this.contentKey(groups);
    if (key === this.drawnKey) return false;
    this.drawnKey = key;
    this.drawnMs = now;
    setAttribute(this.past, 'href', this.addressOf([...this.selection.keys()]));
    this.draw(groups);
    this.updateTable(false);
    return false;
  }

  contentKey(groups) {
    const parts = [this.getMinutes(), Math.round(toWallMs(0))];
    for (const [code, members] of groups) {
      parts.push(code);
      for (const { channel, colour } of members) {
        parts.push(channel.key, colour, this.device.series.get(channel.key)?.version ?? 0);
      }
    }
    return parts.join('\n');
  }

  /** The right end is the device's last reading, not now: silence must not move the picture. */
  range() {
    const end = this.device.lastMs ?? nowMs();
    const widthMs = this.getMinutes() * 60_000;
    let first = end;
    for (const key of this.selection.keys()) {
      first = Math.min(first, this.device.series.get(key)?.times[0] ?? end);
    }
    if (first <= end - widthMs) return [end - widthMs, end];
    // A board that is new fills a shorter span from the left, instead of a sliver on the right.
    const short = SPANS_MS.find((span) => first + span >= end) ?? widthMs;
    return [first, first + Math.min(short, widthMs)];
  }

  draw(groups) {
    const [from, to] = this.range();
    setContent(this.area, [...groups.keys()].join('\n') || 'none', () => {
      for (const plot of this.plots.values()) plot.close();
      this.plots.clear();
      for (const code of groups.keys()) this.plots.set(code, new Plot(code, this.addressOf));
      if (groups.size) return [...this.plots.values()].map((plot) => plot.root);
      return [h('p', { class: 'quiet-note' }, t('chart.none'))];
    });
    for (const [code, members] of groups) {
      const series = members.map(({ channel }) => this.device.series.get(channel.key) ?? EMPTY);
      const file = rows(series, from, toWallMs);
      this.plots.get(code).draw(members, file, toWallMs(from), toWallMs(to));
    }
  }

  updateSince() {
    const { lastMs } = this.device;
    let gapMs = Infinity;
    for (const key of this.selection.keys()) {
      const series = this.device.series.get(key);
      if (series) gapMs = Math.min(gapMs, series.gapMs());
    }
    if (gapMs === Infinity) gapMs = 10_000;
    // Readings wait up to some seconds on the way: a gap is said a little after it is sure.
    const isSilent = lastMs !== null && nowMs() - lastMs > gapMs + 2_000;
    this.since.classList.toggle('is-silent', isSilent && this.device.isPresent);
    setText(this.since, isSilent
      ? t('chart.no-data-since', { time: moment(toWallMs(lastMs)) })
      : t('chart.title'));
  }

  updateTable(isAsked) {
    const now = performance.now();
    if (!this.table.open || (!isAsked && now - this.tabledMs < TABLE_EVERY_MS)) return;
    this.tabledMs = now;
    const members = [...this.groups().values()].flat();
    const series = members.map(({ channel }) => this.device.series.get(channel.key) ?? EMPTY);
    const [from] = this.range();
    const lines = rows(series, from, toWallMs)
      .filter((row) => row.slice(1).some((value) => value !== null && !Number.isNaN(value)))
      .slice(-TABLE_ROWS).reverse();
    const heads = members.map(({ channel }) => {
      const written = unit(channel.unit);
      return h('th', { scope: 'col' }, written ? `${channel.key} (${written})` : channel.key);
    });
    const top = this.tableArea.scrollTop;
    this.tableArea.replaceChildren(h('table', {},
      h('caption', {}, t('table.caption', { count: TABLE_ROWS, device: this.device.title })),
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, t('table.time')), ...heads)),
      h('tbody', {}, ...lines.map((row) => h('tr', {},
        h('th', { scope: 'row' }, timeOfDay(row[0])),
        ...row.slice(1).map((value, i) => h('td', {},
          value === null || Number.isNaN(value) ? '–' : written(value, members[i].channel))))))));
    this.tableArea.scrollTop = top;
  }
}

const EMPTY = { times: [], values: [], isGap: () => false, indexFrom: () => 0 };

/** Draws with dygraphs less its legend, which writes styles that the page's policy forbids. */
export function makeGraph(canvas, file, options) {
  const { Dygraph } = window;
  Dygraph.PLUGINS = Dygraph.PLUGINS.filter((plugin) => plugin !== Dygraph.Plugins.Legend);
  return new Dygraph(canvas, file, options);
}

/** One plot: the lines of one unit. */
class Plot {
  constructor(code, addressOf) {
    this.code = code;
    this.addressOf = addressOf;
    this.legend = h('figcaption', {});
    this.canvas = h('div', { class: 'canvas', role: 'img' });
    this.root = h('figure', { class: 'plot' }, this.legend, this.canvas);
    this.pointed = null;
  }

  close() {
    this.graph?.destroy();
    this.graph = null;
  }

  resize() {
    this.graph?.resize();
  }

  draw(members, file, from, to) {
    this.members = members;
    const labels = ['t', ...members.map(({ channel }) => channel.key)];
    const options = {
      file: file.length ? file : [[to, ...members.map(() => null)]], dateWindow: [from, to], labels,
    };
    const key = members.map(({ channel, colour }) => `${channel.key}\n${colour}`).join('\n\n')
      + matchMedia('(prefers-color-scheme: dark)').matches;
    if (!this.graph || this.key !== key) {
      this.key = key;
      this.close();
      const { file: first, ...rest } = options;
      this.graph = makeGraph(this.canvas, first, { ...this.look(), ...rest });
      this.showLegend();
    } else {
      this.graph.updateOptions(options);
    }
    this.describe(file, from);
  }

  look() {
    const style = getComputedStyle(document.documentElement);
    const ink = (name) => style.getPropertyValue(name).trim();
    const series = {};
    for (const { channel, colour } of this.members) {
      series[channel.key] = {
        color: ink(`--line-${colour % 8}`), stepPlot: channel.kind !== 'measurement',
        strokePattern: colour >= 8 ? [6, 3] : null,
      };
    }
    return {
      series, interactionModel: {},
      connectSeparatedPoints: true, strokeWidth: 2,
      highlightCircleSize: 4, gridLineColor: ink('--grid'), axisLineColor: ink('--grid'),
      yRangePad: 8, xRangePad: 0, animatedZooms: false, labelsUTC: false,
      axes: {
        x: { ticker: window.Dygraph.dateTicker, axisLabelWidth: 64, pixelsPerLabel: 80,
          axisLabelFormatter: (date) => tickText(date) },
        y: { axisLabelWidth: 52, pixelsPerLabel: 28, axisLabelFormatter: (n) => axisFigure(n) },
      },
      highlightCallback: (event, x, points) => this.point(x, points),
      unhighlightCallback: () => this.showLegend(),
    };
  }

  showLegend() {
    this.fillLegend('', () => '');
  }

  point(x, points) {
    const values = new Map(points.map((point) => [point.name, point.yval]));
    this.fillLegend(timeOfDay(x), (key) => {
      const value = values.get(key);
      const channel = this.members.find((member) => member.channel.key === key)?.channel;
      return value === undefined || Number.isNaN(value) ? '' : ` ${written(value, channel)}`;
    });
  }

  fillLegend(time, valueOf) {
    this.legend.replaceChildren(
      h('span', { class: 'unit' }, unit(this.code)),
      ...this.members.map(({ channel, colour }) => h('span', { class: 'line' },
        h('span', { class: 'swatch', 'data-colour': colour % 8, 'data-dashed': colour >= 8 }),
        h('a', { href: this.addressOf([channel.key]), title: t('history.of', {
          channel: channel.key }) }, channel.key), valueOf(channel.key))),
      h('span', { class: 'at' }, time));
  }

  /** What the picture shows, for those who do not see it. */
  describe(file, from) {
    const words = this.members.map(({ channel }, i) => {
      let low = Infinity;
      let high = -Infinity;
      let last = null;
      for (const row of file) {
        const value = row[i + 1];
        if (row[0] < from || value === null || Number.isNaN(value)) continue;
        low = Math.min(low, value);
        high = Math.max(high, value);
        last = value;
      }
      if (last === null) return t('chart.line-empty', { channel: channel.key });
      return t('chart.line', {
        channel: channel.key, low: written(low, channel), high: written(high, channel),
        last: written(last, channel), unit: unit(channel.unit),
      });
    });
    this.canvas.setAttribute('aria-label', words.join(' '));
  }
}

/** A value with the decimals that its channel gives. */
function written(value, channel) {
  const decimals = channel.last?.value.split('.')[1]?.length ?? 0;
  const text = String(value);
  const has = text.split('.')[1]?.length ?? 0;
  return figure(has < decimals && !text.includes('e') ? value.toFixed(decimals) : text);
}

function tickText(date) {
  return date.getSeconds() ? timeOfDay(date.getTime()) : hourMinute(date.getTime());
}

function axisFigure(value) {
  return figure(String(Number(value.toPrecision(6))));
}
