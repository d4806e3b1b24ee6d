// The view of alarms: what goes on, what was, by which rules, and who is told.

import { getAlarms } from '../api.js';
import { h, setAttribute, setShown, setText } from '../dom.js';
import { refusalText } from '../problems.js';
import { t } from '../text.js';
import { Recipients } from './recipients.js';
import { AlarmRow } from './row.js';
import { Rules } from './rules.js';

const ASK_EVERY_MS = 15_000;
const TICK_EVERY_MS = 1_000;
/** Events that come within this time are one question. */
const GATHER_MS = 200;
const OPEN_MAX = 500;
const PAGE = 50;
/** Pages of what is over that are shown at most; the command line and the API have the others. */
const PAGES_MAX = 10;

export class Alarms {
  /** `query` may name a device, and a channel, that a rule is wanted for. */
  constructor(context, query) {
    this.context = context;
    this.pages = 1;
    this.rows = new Map();
    this.error = h('p', { class: 'error', role: 'alert', hidden: true });
    this.current = h('ul', { class: 'alarms' });
    this.none = h('p', { class: 'hint', hidden: true }, t('alarms.none'));
    this.past = h('ul', { class: 'alarms' });
    this.pastNone = h('p', { class: 'hint', hidden: true }, t('alarms.past.none'));
    this.more = h('button', { type: 'button', class: 'plain', hidden: true,
      onclick: () => this.showMore() }, t('alarms.more'));
    this.rules = new Rules(context, { device: query.get('device') ?? undefined,
      channel: query.get('channel') ?? undefined });
    this.recipients = new Recipients(context);
    this.root = h('div', { class: 'plates alarm-view' },
      h('section', { class: 'plate wide', 'aria-labelledby': 'alarms-open' },
        h('h3', { id: 'alarms-open', tabindex: -1 }, t('alarms.open')), this.error, this.none,
        this.current),
      this.rules.root, this.recipients.root,
      h('section', { class: 'plate wide', 'aria-labelledby': 'alarms-past' },
        h('h3', { id: 'alarms-past' }, t('alarms.past')), this.pastNone, this.past, this.more));
  }

  title() {
    return t('alarms.title');
  }

  open() {
    this.ask();
    this.rules.ask();
    this.recipients.ask();
    this.timer = setInterval(() => {
      this.ask();
      this.rules.ask();
      this.recipients.ask();
    }, ASK_EVERY_MS);
    this.ticker = setInterval(() => {
      if (!document.hidden) for (const row of this.rows.values()) row.tick();
    }, TICK_EVERY_MS);
  }

  close() {
    this.isClosed = true;
    clearInterval(this.timer);
    clearInterval(this.ticker);
    clearTimeout(this.gathering);
  }

  /** Whoever asked for a rule of a device begins in its form. */
  focus() {
    if (!this.rules.isAsked) return false;
    this.rules.focus();
    return true;
  }

  /** Devices came, or have other names. */
  rename() {
    for (const row of this.rows.values()) row.show(row.alarm);
    this.rules.rename();
  }

  /** The feed tells of an alarm. */
  takeAlarm() {
    this.gathering ??= setTimeout(() => {
      this.gathering = null;
      this.ask();
      this.recipients.ask();
    }, GATHER_MS);
  }

  /** Asks for all that is shown; of two questions the later answer counts. */
  async ask() {
    this.asked = (this.asked ?? 0) + 1;
    const { asked } = this;
    try {
      const [open, past] = await Promise.all([getAlarms({ state: 'open', limit: OPEN_MAX }),
        this.askPast()]);
      if (this.isClosed || asked !== this.asked) return;
      setShown(this.error, false);
      this.show(open.alarms, past);
    } catch (error) {
      if (this.isClosed) return;
      setText(this.error, refusalText(error));
      setShown(this.error, true);
    }
  }

  /** As many pages of what is over as are shown. */
  async askPast() {
    const over = [];
    let cursor;
    for (let page = 0; page < this.pages; page += 1) {
      const answer = await getAlarms({ state: 'all', limit: PAGE, ...(cursor && { cursor }) });
      over.push(...answer.alarms.filter(({ open }) => !open));
      cursor = answer.next;
      if (!cursor) break;
    }
    return { over, isMore: Boolean(cursor) };
  }

  async showMore() {
    this.pages += 1;
    const count = this.past.childElementCount;
    setAttribute(this.past, 'aria-busy', 'true');
    await this.ask();
    setAttribute(this.past, 'aria-busy', null);
    this.past.children[count]?.querySelector('strong').focus(); // on where the page ended
  }

  show(open, { over, isMore }) {
    const shown = new Set([...open, ...over].map(({ id }) => id));
    for (const [id, row] of this.rows) {
      if (shown.has(id)) continue;
      row.root.remove();
      this.rows.delete(id);
    }
    this.fill(this.current, open);
    this.fill(this.past, over);
    setShown(this.none, open.length === 0);
    setShown(this.pastNone, over.length === 0);
    setShown(this.more, isMore && this.pages < PAGES_MAX);
  }

  /** Brings a list in line: rows that stay are not moved, so that the focus stays in them. */
  fill(list, alarms) {
    alarms.forEach((alarm, i) => {
      let row = this.rows.get(alarm.id);
      if (row) {
        row.show(alarm);
      } else {
        row = new AlarmRow(alarm, this);
        this.rows.set(alarm.id, row);
      }
      if (list.children[i] === row.root) return;
      const at = document.activeElement;
      list.insertBefore(row.root, list.children[i]);
      // One that ends while somebody writes of it goes to the others with the focus in it.
      if (row.root.contains(at)) at.focus();
    });
  }
}
