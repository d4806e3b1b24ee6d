// How long the channels of a view are kept, what is stored of them, and what a quota or a full disk
// took, until somebody says that it was seen.

import { acknowledge, getRetention, getRetentionOf, putRetention, resetRetention } from '../api.js';
import { h, setContent, setShown, setText } from '../dom.js';
import { bytes, t } from '../text.js';
import { dateTime } from './dates.js';
import { AGES, keptText, limitText } from './kept-text.js';
import { Part } from './part.js';

/** The units of a quota, as the daemon writes them. */
const SIZES = ['MB', 'GB'];
/** Records of what went that are shown; the rest is counted. */
const SHOWN_MAX = 20;

export class Retention extends Part {
  constructor(host) {
    super();
    this.host = host;
    this.members = [];
    this.rows = h('div', { class: 'keeping' });
    this.went = h('ul', { class: 'notes went' });
    this.seen = h('button', { type: 'button', class: 'plain', 'data-needs': 'operate',
      onclick: () => this.perform(() => acknowledge('')) }, t('history.keep.seen'));
    this.more = h('p', { class: 'hint' });
    this.error = h('p', { class: 'error', role: 'alert', hidden: true });
    this.root = h('details', { class: 'fold', 'data-fold': 'keep', ontoggle: () => this.ask() },
      h('summary', {}, t('history.keep')),
      h('p', { class: 'hint' }, t('history.keep.hint')), this.error, this.rows, this.went,
      this.more, this.seen);
  }

  close() {
    this.cancel?.abort();
    this.key = null;
  }

  update(members, { zone }) {
    const key = JSON.stringify(members.map((member) => member.key));
    this.zone = zone;
    this.members = members;
    if (key === this.key) return;
    this.key = key;
    this.ask();
  }

  async ask() {
    if (!this.root.open) return;
    this.cancel?.abort();
    const cancel = new AbortController();
    this.cancel = cancel;
    const devices = [...new Set(this.members.map(({ device }) => device))];
    try {
      const [all, ...each] = await Promise.all([getRetention(cancel.signal),
        ...devices.map((device) => getRetentionOf(device, cancel.signal))]);
      if (this.cancel !== cancel) return;
      setShown(this.error, false);
      this.show(all, new Map(devices.map((device, i) => [device, each[i]])));
    } catch (error) {
      if (this.cancel === cancel && !cancel.signal.aborted) this.fail(error);
    }
  }

  show(all, kept) {
    const channels = this.members.map((member) => [member, kept.get(member.device)?.channels
      .find(({ channel }) => channel === member.channel)]).filter(([, found]) => found);
    setContent(this.rows, JSON.stringify([channels.map(([, found]) => found), this.zone,
      channels.map(([{ title }]) => title)]), () => channels.map((one) => this.row(...one)));
    const unseen = all.went.filter(({ seen }) => !seen);
    setContent(this.went, JSON.stringify([unseen, this.zone]), () => unseen.slice(0, SHOWN_MAX)
      .flatMap((record) => record.went.map((one) => this.entry(record, one))).slice(0, SHOWN_MAX));
    const count = unseen.reduce((sum, { went, more }) => sum + went.length + more, 0);
    setText(this.more, t('history.keep.more', { count: Math.max(0, count - SHOWN_MAX) }));
    setShown(this.more, count > SHOWN_MAX);
    setShown(this.went, unseen.length > 0);
    setShown(this.seen, all.unseen > 0);
  }

  entry(record, one) {
    const name = `${this.host.nameOf(one.device)} ${one.channel}`;
    const span = [one.fromUs, one.toUs].filter((us) => us !== undefined)
      .map((us) => dateTime(us / 1000, this.zone)).join(' – ');
    const words = t(`history.keep.went.${one.left}`, { count: one.readings, name });
    return h('li', {}, h('span', {}, words),
      h('span', { class: 'about' },
        [span, t(`history.keep.reason.${one.reason}`), dateTime(record.atUs / 1000, this.zone)]
          .filter(Boolean).join(' · ')));
  }

  row(member, channel) {
    const rule = { ...channel.rule };
    const controls = {
      raw: ageControl(t('history.keep.raw'), channel.said?.raw, rule.raw),
      minutes: ageControl(t('history.keep.minutes'), channel.said?.minutes, rule.minutes),
      quota: sizeControl(t('history.keep.quota'), channel.said?.quota, rule.quota),
    };
    const reset = h('button', { type: 'button', class: 'plain', onclick: () => this.perform(
      () => resetRetention(member.device, member.channel)) }, t('history.keep.reset'));
    setShown(reset, Boolean(channel.said));
    const save = () => this.perform(() => putRetention(member.device, {
      channel: member.channel,
      ...Object.fromEntries(Object.entries(controls).map(([key, { value }]) => [key, value()])
        .filter(([, value]) => value !== null)),
    }));
    return h('section', { 'data-channel': member.channel },
      h('h3', {}, member.title),
      h('ul', { class: 'held' }, ...(channel.held.length
        ? channel.held.map((held) => this.held(held))
        : [h('li', {}, t('history.keep.none'))])),
      h('p', { class: 'about', 'data-lacks': 'administer' }, keptText(rule)),
      h('form', { class: 'adder', novalidate: true, 'data-needs': 'administer', onsubmit: (event) => {
        event.preventDefault();
        save();
      } },
      ...Object.values(controls).map(({ root }) => root),
      h('button', { type: 'submit', class: 'plain' }, t('history.keep.save'),
        h('span', { class: 'unseen' }, ` ${member.title}`)), reset));
  }

  held({ level, readings, bytes: size, fromUs, toUs }) {
    const span = [fromUs, toUs].filter((us) => us !== undefined)
      .map((us) => dateTime(us / 1000, this.zone)).join(' – ');
    return h('li', { 'data-level': level },
      h('span', {}, t(`history.keep.held.${level}`, { count: readings })),
      h('span', { class: 'about' }, [span, size ? bytes(size) : ''].filter(Boolean).join(' · ')));
  }
}

function ageControl(words, said, rule) {
  return control(words, said, rule, 'forever', AGES, (unit) => t(`history.keep.unit.${unit}`));
}

function sizeControl(words, said, rule) {
  return control(words, said, rule, 'none', SIZES, (unit) => unit);
}

/** A choice between the default, no limit, and a number of some unit. */
function control(words, said, rule, unlimited, units, name) {
  const [, count = '', unit = ''] = /^(\d+)([A-Za-z]+)$/.exec(said ?? '') ?? [];
  // What was written in a unit that is not offered here stays as it is.
  const offered = !unit || units.includes(unit) ? units : [...units, unit];
  const number = h('input', { type: 'number', min: 1, step: 1, value: count,
    'aria-label': `${words}: ${t('history.keep.number')}` });
  const inherits = said ? t('history.keep.inherit')
    : t('history.keep.inherit.now', { rule: limitText(rule) });
  const kind = h('select', { 'aria-label': words },
    h('option', { value: '' }, inherits),
    h('option', { value: unlimited }, t(`history.keep.limit.${unlimited}`)),
    ...offered.map((each) => h('option', { value: each }, name(each))));
  kind.value = unit || said || '';
  const follow = () => setShown(number, offered.includes(kind.value));
  kind.addEventListener('change', follow);
  follow();
  const root = h('div', { class: 'field' }, h('span', { 'aria-hidden': true }, words),
    h('span', { class: 'amount' }, number, kind));
  const value = () => {
    if (kind.value === '') return null;
    return offered.includes(kind.value) ? `${number.value.trim()}${kind.value}` : kind.value;
  };
  return { root, value };
}
