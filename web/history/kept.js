// What is left of the channels that are shown: where their readings are kept only as sums of minutes
// or of quarter hours. The charts hatch it, and a sentence says it.

import { getRetentionOf } from '../api.js';
import { h, setShown, setText } from '../dom.js';
import { t } from '../text.js';
import { dateTime } from './dates.js';

const LEVELS = ['minutes', 'summaries'];

export class Kept {
  constructor(host) {
    this.host = host;
    this.spans = new Map();
    this.words = h('p', { class: 'since', hidden: true, 'data-part': 'kept' });
  }

  close() {
    this.cancel?.abort();
    this.key = null;
  }

  /** Something may have gone since. */
  forget() {
    this.key = null;
  }

  update(members, { zone }) {
    this.members = members;
    this.zone = zone;
    const devices = [...new Set(members.map(({ device }) => device))];
    const key = JSON.stringify(devices);
    if (key === this.key) return;
    this.key = key;
    this.ask(devices);
  }

  async ask(devices) {
    this.cancel?.abort();
    const cancel = new AbortController();
    this.cancel = cancel;
    try {
      const found = await Promise.all(
        devices.map((device) => getRetentionOf(device, cancel.signal)));
      if (this.cancel !== cancel) return;
      this.spans = new Map(devices.map((device, i) => [device, found[i].channels]));
      this.host.draw();
    } catch {
      if (this.cancel === cancel) this.key = null; // the charts say what is wrong
    }
  }

  /** The spans of a channel of which only sums are left, in milliseconds. */
  of({ device, channel }) {
    const found = this.spans.get(device)?.find((one) => one.channel === channel);
    return (found?.held ?? []).filter(({ level, fromUs, toUs }) => LEVELS.includes(level)
      && fromUs !== undefined && toUs !== undefined)
      .map(({ level, fromUs, toUs }) => ({ level, fromMs: fromUs / 1000, toMs: toUs / 1000 }));
  }

  /** What of it lies in a range, for the charts. */
  shown(group, fromMs, toMs) {
    return group.flatMap((member) => this.of(member))
      .filter((span) => span.toMs >= fromMs && span.fromMs <= toMs);
  }

  /** Says it of what is seen. */
  say(members, fromMs, toMs) {
    const words = members.flatMap((member) => LEVELS.map((level) => {
      const seen = this.shown([member], fromMs, toMs).filter((span) => span.level === level);
      if (!seen.length) return '';
      const lastMs = Math.max(...seen.map((span) => span.toMs));
      return t(`history.kept.${level}`, { channel: member.name,
        time: dateTime(lastMs, this.zone) });
    })).filter(Boolean);
    setShown(this.words, words.length > 0);
    setText(this.words, words.join(' '));
  }
}
