// The values of a device: one tile a channel, which also puts its line on the chart and off it.

import { h, setAttribute, setContent, setShown, setText } from './dom.js';
import { figure, span, t } from './text.js';
import { nowMs, takenMs } from './clock.js';
import { unit } from './units.js';

/** Younger than this is "now": a number that jumps between 0 and 1 tells nobody anything. */
const NOW_MS = 4_000;

export class Channels {
  constructor(device, selection, onToggle) {
    this.device = device;
    this.selection = selection;
    this.onToggle = onToggle;
    this.tiles = new Map();
    this.root = h('div', { class: 'tiles' });
  }

  update() {
    const { channels, state } = this.device.view;
    setContent(this.root, channels.map((channel) => `${channel.key}\n${channel.kind}`).join('\n\n'),
      () => {
        this.tiles.clear();
        return channels.map((channel) => this.makeTile(channel));
      });
    const isEmpty = state === 'absent' && !channels.some((channel) => channel.last);
    setShown(this.root, channels.length > 0 && !isEmpty);
    setAttribute(this.root, 'data-old', state === 'absent' || state === 'cannot-open');
    for (const channel of channels) this.fill(this.tiles.get(channel.key), channel);
    this.updateAges();
  }

  makeTile(channel) {
    const isDrawn = channel.kind !== 'text';
    const tile = {
      value: h('span', { class: 'number' }), unit: h('span', { class: 'unit' }),
      age: h('span', { class: 'age' }),
      uncertain: mark('uncertain', '≈'),
      pending: mark('pending', '◌'),
    };
    const parts = [
      h('span', { class: 'key' },
        isDrawn ? h('span', { class: 'swatch', 'aria-hidden': true }) : null,
        h('span', { class: 'label' }, channel.key)),
      h('span', { class: 'value' }, tile.value, tile.unit),
      h('span', { class: 'meta' }, tile.age,
        h('span', { class: 'signs' }, tile.uncertain, tile.pending)),
    ];
    tile.root = isDrawn
      ? h('button', {
        type: 'button', class: 'tile', 'data-channel': channel.key,
        title: t('channel.toggle'), onclick: () => this.onToggle(channel.key),
      }, ...parts)
      : h('div', { class: 'tile words', 'data-channel': channel.key }, ...parts);
    tile.isDrawn = isDrawn;
    this.tiles.set(channel.key, tile);
    return tile.root;
  }

  fill(tile, channel) {
    const { last } = channel;
    setText(tile.value, last ? figure(last.value) : '–');
    setText(tile.unit, last ? unit(channel.unit) : '');
    setShown(tile.uncertain, last?.quality === 'uncertain');
    setShown(tile.pending, last?.pending === true);
    if (!tile.isDrawn) return;
    const colour = this.selection.get(channel.key);
    setAttribute(tile.root, 'aria-pressed', colour === undefined ? 'false' : 'true');
    setAttribute(tile.root, 'data-colour', colour === undefined ? null : colour % 8);
  }

  updateAges() {
    const now = nowMs();
    for (const channel of this.device.view.channels) {
      const tile = this.tiles.get(channel.key);
      if (!tile) continue;
      const ageMs = channel.last ? now - takenMs(channel.last) : null;
      if (ageMs === null) setText(tile.age, '');
      else setText(tile.age, ageMs < NOW_MS ? t('age.now') : span(ageMs / 1000));
    }
  }
}

/** A sign for those who see it, in words for those who do not; the page's foot explains it. */
function mark(name, sign) {
  return h('span', { 'data-mark': name, title: t(`mark.${name}`) },
    h('span', { 'aria-hidden': true }, sign), h('span', { class: 'unseen' }, t(`mark.${name}`)));
}
