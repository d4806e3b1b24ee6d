// The readings of a span in numbers: a summary, and a table by minute, hour, day, week, month, of
// all hours or some of the week; and links to all of it as files.

import { askReadings } from '../api.js';
import { h, setAttribute, setContent, setShown, setText } from '../dom.js';
import { t, wholeNumber } from '../text.js';
import { refusalText } from '../problems.js';
import { unit } from '../units.js';
import { bucketText, dateTime, weekdayText } from './dates.js';
import { bucketParts, FORMATS, pointParts, readingParts, save } from './files.js';
import { micros } from './loader.js';
import { boundText, written } from './plot.js';
import { DAY_MS, HOUR_MS, WINDOWS } from './state.js';
import { browserZone } from './zones.js';

const AGGREGATES = ['count', 'avg', 'min', 'max', 'first', 'last', 'twa'];
/** Rows shown; the file has all. */
const ROWS_MAX = 400;
/** The window that is the whole span. */
const WHOLE = 'all';
/** Numbers whose span is off by more than this part of it are of another span. */
const OLD_PART = 0.02;
const FOLLOWED_PART = 0.5;
/** The table waits until a zoom has come to rest. */
const WAIT_MS = 300;

/** How sure the times of a row are, where that is less than its length. */
function doubt({ bound_us: boundUs = null, from_us: fromUs, to_us: toUs }) {
  if (boundUs !== null && boundUs <= toUs - fromUs) return null;
  return h('span', { class: 'doubt' }, boundText(boundUs && boundUs / 1000));
}

/** That of some of a row's readings only sums are left. */
function left({ basis }) {
  return basis === 'rollup' ? h('span', { class: 'doubt' }, t('history.kept.row')) : null;
}

function withUnit(text, written) {
  return text === '–' || !written ? text : `${text} ${written}`;
}

/** The window of a table of some dozens of rows. */
function windowFor(spanMs) {
  if (spanMs <= HOUR_MS) return '1m';
  if (spanMs <= DAY_MS) return '15m';
  if (spanMs <= 4 * DAY_MS) return '1h';
  if (spanMs <= 93 * DAY_MS) return '1d';
  return spanMs <= 400 * DAY_MS ? '1w' : '1mo';
}

/** Whether what a span comes to is words. */
function isText(bucket) {
  return typeof bucket?.last_text === 'string' || typeof bucket?.first_text === 'string';
}

export class Table {
  constructor(host) {
    this.host = host;
    this.at = 0;
    this.channel = h('select', { onchange: () => {
      this.at = Number(this.channel.value);
      this.ask();
    } });
    this.window = h('select', { onchange: () => host.setFilter({ window: this.window.value }) },
      h('option', { value: '' }, t('history.window.auto')),
      ...WINDOWS.map((name) => h('option', { value: name }, t(`history.window.${name}`))));
    this.days = [1, 2, 3, 4, 5, 6, 7].map((day) => h('input', { type: 'checkbox', value: day,
      onchange: () => this.filter() }));
    this.begin = h('input', { type: 'time', onchange: () => this.filter() });
    this.end = h('input', { type: 'time', onchange: () => this.filter() });
    this.summary = h('dl', { class: 'summary' });
    this.old = h('p', { class: 'since', hidden: true }, t('history.numbers.old'));
    this.note = h('p', { class: 'since' });
    this.error = h('p', { class: 'error', role: 'alert', hidden: true });
    this.grid = h('div', { class: 'scroll', tabindex: 0, role: 'group',
      'aria-label': t('history.table') });
    this.rows = h('section', { class: 'rows', 'aria-label': t('history.table') }, this.grid,
      this.note);
    this.links = h('ul', { class: 'links' });
    this.root = this.make();
  }

  make() {
    const field = (words, control) => h('label', { class: 'field' }, h('span', {}, words), control);
    this.channelField = field(t('history.table.channel'), this.channel);
    return h('section', { class: 'numbers', 'aria-labelledby': 'history-numbers' },
      h('h3', { id: 'history-numbers' }, t('history.numbers')),
      h('div', { class: 'adder' }, this.channelField,
        field(t('history.window'), this.window)),
      h('details', { class: 'fold filter' }, h('summary', {}, t('history.filter'),
        this.filterWords = h('span', { class: 'aside' })),
      h('fieldset', {}, h('legend', {}, t('history.weekdays')), h('div', { class: 'days' },
        ...this.days.map((input, i) => h('label', { class: 'check' }, input,
          h('abbr', { title: weekdayText(i + 1, true) }, weekdayText(i + 1)))))),
      h('div', { class: 'adder' }, field(t('history.hours.from'), this.begin),
        field(t('history.hours.to'), this.end),
        h('button', { type: 'button', class: 'plain', onclick: () => this.host.setFilter({
          weekdays: '', daytime: '' }) }, t('history.filter.clear')))),
      this.old, this.summary, this.error,
      h('h4', {}, t('history.export')), this.links);
  }

  filter() {
    const days = this.days.filter(({ checked }) => checked).map(({ value }) => value);
    const [begin, end] = [this.begin.value, this.end.value];
    const isWhole = !begin || !end || begin === end;
    this.host.setFilter({
      weekdays: days.length && days.length < 7 ? days.join(',') : '',
      daytime: isWhole ? '' : `${begin}-${end}`,
    });
  }

  /** Shows what is set, and asks for the numbers of what is shown once that has come to rest. */
  update(members, state, fromMs, toMs) {
    this.members = members;
    this.state = state;
    this.range = [fromMs, toMs];
    if (this.at >= members.length) this.at = 0;
    setContent(this.channel, JSON.stringify(members.map(({ title }) => title)), () =>
      members.map(({ title }, i) => h('option', { value: i }, title)));
    this.channel.value = String(this.at);
    setShown(this.channelField, members.length > 1);
    setShown(this.rows, members.length > 0);
    this.window.value = state.window;
    const days = state.weekdays ? state.weekdays.split(',') : ['1', '2', '3', '4', '5', '6', '7'];
    for (const input of this.days) input.checked = days.includes(input.value);
    if (document.activeElement !== this.begin && document.activeElement !== this.end) {
      [this.begin.value, this.end.value] = state.daytime ? state.daytime.split('-') : ['', ''];
    }
    setText(this.filterWords, this.filterText());
    this.showLinks();
    const key = JSON.stringify([members.map(({ key: one, decimals }) => [one, decimals]),
      this.member && this.question(this.windowName)]);
    if (key === this.key) return;
    this.key = key;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), WAIT_MS);
  }

  /** Marks the numbers as those of another span, from the moment that one is looked at. */
  look(fromMs, toMs, isFollowing) {
    const [shownFromMs, shownToMs] = this.shown ?? [fromMs, toMs];
    const spanMs = toMs - fromMs;
    const grownMs = Math.abs(spanMs - (shownToMs - shownFromMs));
    const movedMs = Math.abs(toMs - shownToMs);
    // What follows the present moves by itself, and its numbers come after it.
    const isOld = grownMs > OLD_PART * spanMs
      || movedMs > (isFollowing ? FOLLOWED_PART : OLD_PART) * spanMs;
    setShown(this.old, isOld);
    for (const part of [this.root, this.rows]) setAttribute(part, 'data-old', isOld);
  }

  filterText() {
    const { weekdays, daytime } = this.state;
    const words = weekdays.split(',').filter(Boolean).map((day) => weekdayText(Number(day)));
    return [words.join(' '), daytime.replace('-', '–')].filter(Boolean).join(', ')
      || t('history.filter.none');
  }

  /** The numbers may be others, though the question is the same. */
  forget() {
    this.key = null;
  }

  close() {
    clearTimeout(this.timer);
    this.cancel?.abort();
  }

  get member() {
    return this.members[this.at];
  }

  question(window) {
    const { device, channel } = this.member;
    const [fromMs, toMs] = this.range;
    const { zone, weekdays, daytime } = this.state;
    return {
      device, channel, from: micros(fromMs), to: micros(toMs), window,
      agg: AGGREGATES.join(','), zone: zone || browserZone(), weekdays, daytime,
    };
  }

  get windowName() {
    return this.state.window || windowFor(this.range[1] - this.range[0]);
  }

  async ask() {
    this.cancel?.abort();
    if (!this.member) {
      this.showNothing();
      return;
    }
    const cancel = new AbortController();
    this.cancel = cancel;
    const [window, range] = [this.windowName, this.range];
    setAttribute(this.grid, 'aria-busy', 'true');
    try {
      const [whole, table] = await Promise.all([
        askReadings(this.question(WHOLE), cancel.signal),
        askReadings({ ...this.question(window), limit: ROWS_MAX }, cancel.signal)]);
      if (this.cancel !== cancel) return;
      const all = whole.buckets[0] ?? null;
      const texts = isText(all) ? await this.askTexts(cancel.signal) : null;
      if (this.cancel !== cancel) return;
      setShown(this.error, false);
      this.show(all, table, window);
      if (texts) this.showTexts(texts);
      this.shown = range;
      this.host.draw();
    } catch (error) {
      if (this.cancel !== cancel || cancel.signal.aborted) return;
      this.key = null; // asked again with the next change
      setText(this.error, refusalText(error));
      setShown(this.error, true);
    } finally {
      if (this.cancel === cancel) setAttribute(this.grid, 'aria-busy', null);
    }
  }

  /** The first texts of the span: sums say nothing of words. */
  askTexts(signal) {
    const { device, channel } = this.member;
    const [fromMs, toMs] = this.range;
    return askReadings({ device, channel, from: micros(fromMs), to: micros(toMs),
      limit: ROWS_MAX }, signal);
  }

  showTexts({ readings, next }) {
    const zone = this.state.zone;
    this.grid.replaceChildren(h('table', { class: 'texts' },
      h('caption', {}, t('history.table.texts', { channel: this.member.title })),
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, t('history.table.time')),
        h('th', { scope: 'col' }, t('history.table.text')))),
      h('tbody', {}, ...readings.map(({ timeUs, value }) => h('tr', {},
        h('th', { scope: 'row' }, Number.isFinite(timeUs) ? dateTime(timeUs / 1000, zone) : '–'),
        h('td', {}, value))))));
    setText(this.note, next ? t('history.table.cut', { count: readings.length }) : '');
  }

  showNothing() {
    this.shown = null;
    this.summary.replaceChildren();
    this.grid.replaceChildren();
    setText(this.note, '');
    setShown(this.error, false);
  }

  show(whole, { buckets, next }, window) {
    const { decimals, title, unit: code } = this.member;
    const zone = this.state.zone;
    const value = (bucket, name) => {
      const number = bucket?.[name];
      if (number === null || number === undefined) return '–';
      if (name === 'count') return wholeNumber(number);
      // A mean has one decimal more than what it is the mean of.
      return written(Number(number), decimals + (name === 'avg' || name === 'twa'));
    };
    const about = (bucket, name) => {
      const text = value(bucket, name);
      const isAbout = bucket?.approximate && name !== 'min' && name !== 'max' && text !== '–';
      return isAbout ? `≈ ${text}` : text;
    };
    this.summary.replaceChildren(...AGGREGATES.map((name) => h('div', { 'data-number': name },
      h('dt', {}, t(`history.agg.${name}`)),
      h('dd', {}, withUnit(about(whole, name), name === 'count' ? '' : unit(code))))));
    const shown = buckets.slice(0, ROWS_MAX);
    this.grid.replaceChildren(h('table', {},
      h('caption', {}, t('history.table.caption', { channel: title,
        window: t(`history.window.${window}`) })),
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, t('history.table.from')),
        ...AGGREGATES.map((name) => h('th', { scope: 'col' }, t(`history.agg.${name}`))))),
      h('tbody', {}, ...shown.map((bucket) => h('tr', {},
        h('th', { scope: 'row', title: dateTime(bucket.from_us / 1000, zone) },
          bucketText(bucket.from_us / 1000, window, zone), doubt(bucket), left(bucket)),
        ...AGGREGATES.map((name) => h('td', {}, about(bucket, name))))))));
    const isCut = Boolean(next) || buckets.length > shown.length;
    setText(this.note, isCut ? t('history.table.cut', { count: shown.length })
      : (shown.length ? '' : t('history.nothing')));
  }

  showLinks() {
    const files = this.members.map((member) => ['readings', member]);
    if (this.member) files.unshift(['table', this.member], ['points', null]);
    setContent(this.links, JSON.stringify(files.map(([kind, member]) => [kind, member?.title])),
      () => files.map(([kind, member]) => this.fileRow(kind, member)));
  }

  fileRow(kind, member) {
    const what = t(`history.export.${kind}`, { channel: member?.title ?? '' });
    return h('li', {}, h('span', {}, what), ...FORMATS.map((format) => h('button', {
      type: 'button', class: 'link', 'data-file': kind, 'data-format': format,
      'aria-label': t('history.export.link', { what, format: format.toUpperCase() }),
      onclick: (event) => this.save(event.currentTarget, kind, member, format),
    }, format.toUpperCase())));
  }

  /** Puts a file together of what is shown now. */
  async save(button, kind, member, format) {
    if (button.getAttribute('aria-busy')) return;
    const [fromMs, toMs] = this.range;
    setAttribute(button, 'aria-busy', 'true');
    setShown(this.error, false);
    try {
      if (kind === 'table') {
        save(`${member.channel}-${this.windowName}`, format,
          await bucketParts(this.question(this.windowName), format));
      } else if (kind === 'points') {
        save('points', format, pointParts(this.members, fromMs, toMs, format));
      } else {
        const { device, channel } = member;
        save(channel, format, await readingParts({
          device, channel, from: micros(fromMs), to: micros(toMs) }, format));
      }
    } catch (error) {
      setText(this.error, refusalText(error));
      setShown(this.error, true);
    }
    setAttribute(button, 'aria-busy', null);
  }
}
