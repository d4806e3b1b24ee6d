// The number of alarms that go on and that nobody has acknowledged, beside the way to them.

import { getAlarms } from '../api.js';
import { setAttribute, setShown, setText } from '../dom.js';
import { t } from '../text.js';

/** Events that come within this time are one question. */
const GATHER_MS = 100;

export class AlarmBadge {
  constructor(announce) {
    this.announce = announce;
    this.count = null;
    this.told = null;
    this.link = document.getElementById('alarms-link');
    this.marks = document.querySelectorAll('.alarm-count');
  }

  /** The number as the status has it. */
  show(count) {
    this.count = count;
    setAttribute(this.link, 'data-count', count > 0 ? count : null);
    for (const mark of this.marks) {
      setShown(mark, count > 0);
      setText(mark.querySelector('[aria-hidden]'), String(count));
      setText(mark.querySelector('.unseen'), ` ${t('alarms.count', { count })}`);
    }
  }

  /** Shows it in another language. */
  translate() {
    if (this.count !== null) this.show(this.count);
  }

  /** The feed tells of an alarm: those who do not see the page hear of a new one. */
  take(alarm) {
    if (alarm.open && !alarm.acknowledged && this.told !== alarm.id) {
      this.told = alarm.id;
      this.announce(t('said.alarm', { name: alarm.gateway
        ? t('alarm.gateway', { name: alarm.gateway }) : alarm.content?.name ?? alarm.rule }));
    }
    this.gathering ??= setTimeout(() => this.ask(), GATHER_MS);
  }

  async ask() {
    this.gathering = null;
    try {
      this.show((await getAlarms({ state: 'open', limit: 1 })).unseen);
    } catch {
      // the next status says it
    }
  }
}
