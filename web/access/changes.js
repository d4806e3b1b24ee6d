// Who changed what, and when: newest first, a page at a time; a setting may get back what it was.

import { getAudit, giveBack } from '../api.js';
import { h, setAttribute, setShown, setText } from '../dom.js';
import { refusalText } from '../problems.js';
import { has, t } from '../text.js';
import { authorText, permissionsText, roleText, timeText } from './authors.js';
import { confirm } from './confirm.js';
import { valueText } from './values.js';

const PAGE = 100;
/** Pages without a single entry that are passed over by one press of the button. */
const EMPTY_MAX = 20;

export class Changes {
  constructor(context) {
    this.context = context;
    this.needs = 'administer';
    this.cancel = new AbortController();
    this.cursor = null;
    this.list = h('ol', { class: 'changes' });
    this.none = h('p', { class: 'hint', hidden: true }, t('audit.none'));
    this.more = h('button', { type: 'button', class: 'plain', hidden: true,
      onclick: () => this.ask() }, t('audit.more'));
    this.error = h('p', { class: 'error', role: 'alert', hidden: true });
    this.root = h('div', { class: 'plate' }, h('p', { class: 'hint' }, t('audit.why')), this.list,
      this.none, this.error, this.more);
  }

  title() {
    return t('account.changes');
  }

  open() {
    this.ask();
  }

  close() {
    this.cancel.abort();
  }

  async ask() {
    if (this.isBusy) return;
    this.isBusy = true;
    setShown(this.error, false);
    setAttribute(this.list, 'aria-busy', 'true');
    try {
      const first = this.list.childElementCount;
      for (let page = 0; page < EMPTY_MAX; page += 1) {
        const { entries, next } = await getAudit(PAGE, this.cursor, this.cancel.signal);
        this.list.append(...entries.map((entry) => this.row(entry)));
        this.cursor = next ?? null;
        if (entries.length || this.cursor === null) break;
      }
      setShown(this.more, this.cursor !== null);
      setShown(this.none, this.list.childElementCount === 0);
      if (first) this.list.children[first]?.focus(); // the reader goes on where the page ended
    } catch (error) {
      this.fail(error);
    }
    setAttribute(this.list, 'aria-busy', null);
    this.isBusy = false;
  }

  row(entry) {
    const { author, atUs, trusted, what, parameters } = entry;
    const words = this.words(what, parameters ?? {});
    return h('li', { tabindex: -1, 'data-what': what },
      h('span', { class: 'what' }, words),
      h('span', { class: 'about' }, h('b', {}, authorText(author)), ' · ',
        timeText(atUs, trusted)),
      entry.restorable ? h('button', { type: 'button', class: 'plain',
        'data-needs': 'administer', onclick: () => this.restore(entry, words) },
      t('audit.restore'), h('span', { class: 'unseen' }, `: ${words}`)) : null);
  }

  /** Gives a setting back what an entry wrote, once a person has read what that is. */
  async restore(entry, words) {
    const value = valueText(this.context.devices, entry);
    const isMeant = await confirm(t('audit.restore.why', { value, change: words,
      time: timeText(entry.atUs, entry.trusted) }), t('audit.restore'), false);
    if (!isMeant || this.cancel.signal.aborted) return;
    try {
      await giveBack(entry.id);
    } catch (error) {
      this.fail(error);
      return;
    }
    if (this.cancel.signal.aborted) return;
    this.list.replaceChildren();
    this.cursor = null;
    await this.ask();
    this.list.firstElementChild?.focus(); // where that is told, if it was a change
    this.context.announce(t('audit.restored', { value }));
    this.context.refresh();
  }

  fail(error) {
    if (this.cancel.signal.aborted) return;
    setText(this.error, refusalText(error));
    setShown(this.error, true);
  }

  /** What was changed, in words; of a newer kind, the daemon's own. */
  words(what, parameters) {
    const known = { ...parameters };
    if (known.role) known.role = roleText(known.role);
    if (known.device) known.device = this.context.devices.get(known.device)?.title ?? known.device;
    if (known.permissions) known.permissions = permissionsText(known.permissions.split(/[ ,]+/));
    if (has(`kind.${known.value}`)) known.value = t(`kind.${known.value}`);
    for (const [ending, isMeant] of [['.reset', parameters.value === undefined],
      ['.all', parameters.channel === undefined], ['', true]]) {
      const key = `audit.${what}${ending}`;
      const words = isMeant && has(key) ? t(key, known) : '';
      if (words && !/\{\w+\}/.test(words)) {
        return [words, parameters.comment].filter(Boolean).join(' · ');
      }
    }
    return [what, ...Object.entries(parameters).map(([name, value]) => `${name} ${value}`)]
      .join(' · ');
  }
}
