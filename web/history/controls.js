// What is set around the charts: the span, the zone, which channels are on, and limits.

import { h, setAttribute, setContent, setShown, setText } from '../dom.js';
import { figure, t } from '../text.js';
import { unit } from '../units.js';
import { browserZone, zoneNames } from './zones.js';
import { DAY_MS, HOUR_MS, isSame, keyOf, LIMITS_MAX, SERIES_MAX } from './state.js';

export const PRESETS = [
  ['1h', HOUR_MS], ['24h', DAY_MS], ['7d', 7 * DAY_MS], ['30d', 30 * DAY_MS],
  ['1y', 365 * DAY_MS],
];

/** Buttons for the span and the place in time; `host` does what they say. */
export class Toolbar {
  constructor(host) {
    const button = (name, words, onclick, label = null) => h('button', {
      type: 'button', class: 'plain', 'data-act': name, 'aria-label': label, title: label, onclick,
    }, words);
    this.presets = PRESETS.map(([name, spanMs]) => button(name, t(`history.preset.${name}`),
      () => host.showSpan(spanMs)));
    this.all = button('all', t('history.preset.all'), () => host.showAll());
    this.now = button('now', t('history.now'), () => host.showNow());
    const moves = [
      button('earlier', '←', () => host.gestures.earlier(), t('history.earlier')),
      button('later', '→', () => host.gestures.later(), t('history.later')),
      button('out', '−', () => host.gestures.zoomOut(), t('history.zoom-out')),
      button('in', '+', () => host.gestures.zoomIn(), t('history.zoom-in')),
    ];
    const here = browserZone();
    this.zone = h('select', { class: 'zone', onchange: () => host.setZone(this.zone.value) },
      h('option', { value: '' }, t('history.zone.browser', { zone: here })),
      ...zoneNames().filter((name) => name !== here)
        .map((name) => h('option', { value: name }, name)));
    this.root = h('div', { class: 'toolbar', role: 'group', 'aria-label': t('history.span') },
      h('div', { class: 'buttons' }, ...this.presets, this.all, this.now),
      h('div', { class: 'buttons' }, ...moves),
      h('label', { class: 'field' }, h('span', {}, t('history.zone')), this.zone));
  }

  show(state, spanMs, isFollowing) {
    PRESETS.forEach(([, ms], i) => {
      setAttribute(this.presets[i], 'aria-pressed', String(Math.abs(spanMs / ms - 1) < 1e-3));
    });
    setAttribute(this.now, 'aria-pressed', String(isFollowing));
    if (state.zone && ![...this.zone.options].some(({ value }) => value === state.zone)) {
      this.zone.append(h('option', { value: state.zone }, state.zone));
    }
    this.zone.value = state.zone;
  }
}

/** The channels that are on, each with a button that takes it off, and a list to add from. */
export class Picker {
  constructor(host) {
    this.host = host;
    this.chips = h('ul', { class: 'chips', 'aria-label': t('history.channels') });
    this.select = h('select', {});
    this.add = h('button', { type: 'button', class: 'plain', onclick: () => this.take() },
      t('history.add'));
    this.adder = h('div', { class: 'adder' },
      h('label', { class: 'field' }, h('span', {}, t('history.add.label')), this.select),
      this.add);
    this.root = h('div', { class: 'picker' }, this.chips, this.adder);
  }

  /** `known` is every series there is; `nameOf` what a device is called. */
  show(members, known, nameOf) {
    setContent(this.chips, JSON.stringify(members.map((member) => [member.key, member.colour,
      member.title])), () => members.map((member) => this.chip(member)));
    const rest = known.filter((one) => one.kind !== 'text'
      && !members.some((member) => isSame(member, one)));
    const devices = new Map();
    for (const one of rest) {
      if (!devices.has(one.device)) devices.set(one.device, []);
      devices.get(one.device).push(one);
    }
    setContent(this.select, JSON.stringify(rest.map((one) => [keyOf(one), nameOf(one.device)])),
      () => [...devices].map(([device, list]) => h('optgroup', { label: nameOf(device) },
        ...list.map((one) => h('option', { value: keyOf(one) }, channelText(one))))));
    setShown(this.adder, rest.length > 0 && members.length < SERIES_MAX);
  }

  chip(member) {
    return h('li', { class: 'chip', 'data-channel': member.channel },
      h('span', { class: 'swatch', 'data-colour': member.colour % 8,
        'data-dashed': member.colour >= 8, 'aria-hidden': true }),
      h('span', { class: 'chip-name' }, member.title),
      h('button', { type: 'button', class: 'remove', onclick: () => this.host.remove(member),
        'aria-label': t('history.remove', { channel: member.title }) }, '×'));
  }

  take() {
    const [device, channel] = this.select.value.split('\n');
    if (channel) this.host.add({ device, channel });
  }
}

/** Lines that a person draws at a value: for this view only, and in its address. */
export class Limits {
  constructor(host) {
    this.host = host;
    this.list = h('ul', { class: 'chips', 'aria-label': t('history.limits') });
    this.value = h('input', { type: 'text', inputmode: 'decimal', autocomplete: 'off',
      maxlength: 24 });
    this.channel = h('select', {});
    this.error = h('p', { class: 'error', role: 'alert', hidden: true });
    this.form = h('form', { class: 'adder', novalidate: true, onsubmit: (event) => {
      event.preventDefault();
      this.take();
    } },
    h('label', { class: 'field' }, h('span', {}, t('history.limit.channel')), this.channel),
    h('label', { class: 'field' }, h('span', {}, t('history.limit.value')), this.value),
    h('button', { type: 'submit', class: 'plain' }, t('history.limit.set')), this.error);
    this.root = h('details', { class: 'fold' }, h('summary', {}, t('history.limits')),
      this.list, this.form);
  }

  show(members, limits) {
    setContent(this.list, JSON.stringify([limits, members.map(({ title }) => title)]), () =>
      limits.map((limit) => this.chip(limit, members[limit.at])));
    setShown(this.list, limits.length > 0);
    setContent(this.channel, JSON.stringify(members.map((member) => member.title)), () =>
      members.map((member, i) => h('option', { value: i }, member.title)));
    setShown(this.form, limits.length < LIMITS_MAX && members.length > 0);
  }

  chip(limit, member) {
    const words = `${member.title}: ${figure(String(limit.value))} ${unit(member.unit)}`.trim();
    return h('li', { class: 'chip' },
      h('span', { class: 'swatch', 'data-colour': member.colour % 8, 'aria-hidden': true }),
      h('span', { class: 'chip-name' }, words),
      h('button', { type: 'button', class: 'remove', 'aria-label': t('history.limit.remove', {
        limit: words }), onclick: () => this.host.removeLimit(limit) }, '×'));
  }

  take() {
    const text = this.value.value.trim().replace(',', '.').replace('\u2212', '-');
    const isNumber = /^-?\d{1,15}(\.\d{1,9})?$/.test(text);
    setText(this.error, t('history.limit.wrong'));
    setShown(this.error, !isNumber);
    if (!isNumber) {
      this.value.focus();
      return;
    }
    this.value.value = '';
    this.host.addLimit({ at: Number(this.channel.value), value: Number(text) });
  }
}

function channelText({ channel, unit: code }) {
  const written = unit(code ?? '');
  return written ? `${channel} (${written})` : channel;
}
