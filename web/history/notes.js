// What people wrote about a time, and spans whose readings are hidden: a numbered list that goes
// with the flags on the chart, and a form to write one.

import {
  addAnnotation, getAnnotations, getDeletions, removeAnnotation, undoDeletion,
} from '../api.js';
import { authorText } from '../access/authors.js';
import { h, setContent, setShown, setText } from '../dom.js';
import { t } from '../text.js';
import { dateTime, rangeText } from './dates.js';
import { micros } from './loader.js';
import { Part } from './part.js';
import { civil, instant } from './zones.js';

/** Characters of a note; the daemon counts bytes and says so when there are too many. */
const TEXT_LENGTH_MAX = 500;
/** Notes asked for wait until a zoom has come to rest. */
const WAIT_MS = 300;

export class Notes extends Part {
  constructor(host) {
    super();
    this.host = host;
    this.notes = [];
    this.hidden = [];
    this.list = h('ol', { class: 'notes' });
    this.text = h('input', { type: 'text', autocomplete: 'off', maxlength: TEXT_LENGTH_MAX });
    this.channel = h('select', {});
    this.from = h('input', { type: 'datetime-local', step: 1 });
    this.to = h('input', { type: 'datetime-local', step: 1 });
    this.error = h('p', { class: 'error', role: 'alert', hidden: true });
    this.root = this.make();
  }

  make() {
    const field = (words, control, more = '') => h('label', { class: `field ${more}`.trim() },
      h('span', {}, words), control);
    this.count = h('span', { class: 'aside' });
    return h('details', { class: 'fold', 'data-fold': 'notes', ontoggle: () => this.prefill() },
      h('summary', {}, t('history.notes'), this.count), this.list,
      h('form', { class: 'adder', novalidate: true, 'data-needs': 'operate', onsubmit: (event) => {
        event.preventDefault();
        this.write();
      } },
      field(t('history.note.text'), this.text, 'wide'),
      field(t('history.note.channel'), this.channel),
      field(t('history.note.from'), this.from), field(t('history.note.to'), this.to),
      h('button', { type: 'submit', class: 'plain' }, t('history.note.add'))), this.error,
      h('p', { class: 'hint', 'data-needs': 'operate' }, t('history.note.hint')));
  }

  close() {
    clearTimeout(this.timer);
    this.cancel?.abort();
  }

  update(members, state, fromMs, toMs) {
    this.members = members;
    this.zone = state.zone;
    this.range = [fromMs, toMs];
    setContent(this.channel, JSON.stringify(members.map(({ title }) => title)), () =>
      members.map(({ title }, i) => h('option', { value: i }, title)));
    const key = JSON.stringify([members.map((member) => member.key), fromMs, toMs, state.zone]);
    if (key === this.key) return;
    this.key = key;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), WAIT_MS);
  }

  /** Others may have been written or taken back. */
  forget() {
    this.key = null;
  }

  async ask() {
    this.cancel?.abort();
    const cancel = new AbortController();
    this.cancel = cancel;
    const [from, to] = this.range.map(micros);
    const devices = [...new Set(this.members.map(({ device }) => device))];
    try {
      const [notes, hidden] = await Promise.all([getAnnotations, getDeletions].map((get) =>
        Promise.all(devices.map((device) => get({ device, from, to }, cancel.signal)))));
      if (this.cancel !== cancel) return;
      const isShown = (one) => this.members.some((member) => isAbout(one, member));
      // What is said of the whole node comes with each device.
      const once = (list) => [...new Map(list.flat().map((one) => [one.id, one])).values()]
        .filter(isShown).sort((a, b) => a.fromUs - b.fromUs);
      this.notes = once(notes);
      this.hidden = once(hidden);
      this.show();
      this.host.draw();
    } catch (error) {
      if (this.cancel === cancel && !cancel.signal.aborted) this.fail(error);
    }
  }

  /** What of it belongs on a chart of some channels. */
  marks(group) {
    const isOf = (one) => group.some((member) => isAbout(one, member));
    const times = (one) => ({ fromMs: one.fromUs / 1000, toMs: one.toUs / 1000 });
    return {
      marks: this.notes.map((one, i) => ({ ...times(one), number: i + 1, one }))
        .filter(({ one }) => isOf(one)),
      hidden: this.hidden.filter(isOf).map(times),
    };
  }

  show() {
    setText(this.count, this.notes.length ? String(this.notes.length) : '');
    setContent(this.list, JSON.stringify([this.notes, this.hidden, this.zone,
      this.members.map(({ title }) => title)]), () => [
      ...this.notes.map((note, i) => this.row(note, String(i + 1), note.text,
        t('history.note.remove'), 'operate', () => removeAnnotation(note.id))),
      ...this.hidden.map((span) => this.row(span, null, t('history.hidden', {
        reason: span.reason || '–' }), t('history.hidden.undo'), 'administer',
      () => undoDeletion(span.id))),
    ]);
    setShown(this.list, this.notes.length + this.hidden.length > 0);
  }

  row(one, number, words, act, needs, work) {
    const when = one.toUs > one.fromUs
      ? rangeText(one.fromUs / 1000, one.toUs / 1000, this.zone)
      : dateTime(one.fromUs / 1000, this.zone);
    const member = this.members.find((each) => isAbout(one, each));
    const about = one.channel ? member?.title : one.device && this.host.nameOf(one.device);
    return h('li', {},
      h('span', { class: 'flag', 'data-hidden': number === null }, number ?? '\u00a0'),
      h('span', {}, words),
      h('span', { class: 'about' }, [when, about, authorText(one.author)].filter(Boolean).join(' · ')),
      h('button', { type: 'button', class: 'plain', 'data-needs': needs,
        onclick: () => this.perform(work) },
        act, h('span', { class: 'unseen' }, ` ${words}`)));
  }

  // Writing one

  /** Takes a time that was pointed at on the chart. */
  pick(ms) {
    if (this.root.open) this.from.value = this.field(ms);
  }

  prefill() {
    if (!this.root.open || this.from.value || !this.range) return;
    this.pick((this.range[0] + this.range[1]) / 2);
  }

  field(ms) {
    return new Date(civil(this.zone, ms).ms).toISOString().slice(0, 19);
  }

  /** Microseconds of what a field says on the zone's clocks; null when it says nothing. */
  timeOf(input) {
    const found = /^(-?\d+)-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d))?/.exec(input.value);
    if (!found) return null;
    const [year, month, day, hour, minute, second = 0] = found.slice(1).map((n) => Number(n ?? 0));
    return micros(instant(this.zone, { year, month, day, hour, minute, second }));
  }

  write() {
    const text = this.text.value.trim();
    const fromUs = this.timeOf(this.from);
    const toUs = this.timeOf(this.to) ?? fromUs;
    const member = this.members[Number(this.channel.value)];
    const isWrong = !text || fromUs === null || toUs < fromUs || !member;
    setText(this.error, t('history.note.wrong'));
    setShown(this.error, isWrong);
    if (isWrong) return;
    const { device, channel } = member;
    this.perform(async () => {
      await addAnnotation({ device, channel, fromUs, toUs, text });
      this.text.value = '';
      this.to.value = '';
    });
  }
}

/** Whether one concerns a channel: said of it, of its device, or of the whole node. */
function isAbout({ device, channel }, member) {
  return (!device || device === member.device) && (!channel || channel === member.channel);
}
