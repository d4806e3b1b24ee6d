// How the line to a device is doing, in words, and what the board wrote on it.

import { h, setContent, setShown, setText } from './dom.js';
import { bytes, fixed, t } from './text.js';

/** Counts that mean that something went wrong, worst first, each with a sentence of its own. */
const FAULTS = [
  'samplesDeclaredLost', 'samplesUnknownTail', 'samplesRejected', 'framesCorrupt',
  'framesMalformed', 'lossesSeen', 'framesUnknown', 'noiseLines',
];
const NEWS = ['samplesRepeated', 'reboots'];

export class Line {
  constructor(device) {
    this.device = device;
    this.linkSummary = h('span', { class: 'aside' });
    this.facts = h('ul', { class: 'facts' });
    this.link = h('details', { class: 'fold', ontoggle: () => this.update() },
      h('summary', {}, t('link.title'), this.linkSummary), this.facts);
    this.logSummary = h('span', { class: 'aside' });
    this.lines = h('ol', { class: 'log', translate: 'no' });
    this.log = h('details', { class: 'fold', ontoggle: () => this.update() },
      h('summary', {}, t('log.title'), this.logSummary),
      h('div', { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': t('log.title') },
        this.lines));
  }

  update() {
    const { link, log } = this.device.view;
    setShown(this.link, Boolean(link));
    setShown(this.log, log.length > 0);
    if (link) this.updateLink(link);
    setText(this.logSummary, t('log.lines', { count: log.length }));
    if (!this.log.open) return;
    setContent(this.lines, log.join('\n'), () => log.map((line) => h('li', {}, line)));
  }

  updateLink(link) {
    const faults = FAULTS.filter((name) => link[name] > 0);
    const worst = faults[0];
    setText(this.linkSummary, worst
      ? t(`link.short.${worst}`, { count: link[worst] }) : t('link.good'));
    this.link.dataset.quality = worst ? 'bad' : 'good';
    if (!this.link.open) return;
    const words = [...faults, ...NEWS.filter((name) => link[name] > 0)]
      .map((name) => t(`link.${name}`, { count: link[name] }));
    if (!faults.length) words.unshift(t('link.all-good'));
    words.push(t('link.traffic', {
      frames: link.framesGood, in: bytes(link.bytesIn), out: bytes(link.bytesOut),
    }));
    words.push(t('link.stored', { count: link.samplesStored }));
    if (link.textLines > 0) words.push(t('link.textLines', { count: link.textLines }));
    if (link.roundTripUs !== undefined && link.roundTripUs !== null) {
      words.push(t('link.roundTrip', { ms: fixed(link.roundTripUs / 1000, 1) }));
    }
    setContent(this.facts, words.join('\n'), () => words.map((word) => h('li', {}, word)));
  }
}
