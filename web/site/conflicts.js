// What was set in two places at once: every value with who set it where and when, and a choice.

import { decideConflict, getConflicts } from '../api.js';
import { authorText, timeText } from '../access/authors.js';
import { titleOf, valueText } from '../access/values.js';
import { h, setContent, setShown, setText } from '../dom.js';
import { refusalText } from '../problems.js';
import { has, t } from '../text.js';

const ASK_EVERY_MS = 5_000;

export class Conflicts {
  constructor(context) {
    this.context = context;
    this.heading = h('h3', { id: 'conflicts-list', tabindex: -1 }, t('conflicts.list'));
    this.error = h('p', { class: 'error', role: 'alert', hidden: true });
    this.none = h('p', { hidden: true }, t('conflicts.none'));
    this.list = h('ul', { class: 'conflicts' });
    this.root = h('section', { class: 'plate', 'aria-labelledby': 'conflicts-list' },
      this.heading, h('p', { class: 'hint' }, t('conflicts.why')), this.error, this.none,
      this.list);
  }

  title() {
    return t('conflicts.title');
  }

  open() {
    this.ask();
    this.timer = setInterval(() => this.ask(), ASK_EVERY_MS);
  }

  close() {
    this.isClosed = true;
    clearInterval(this.timer);
  }

  /** Devices came, or have other names. */
  rename() {
    if (this.conflicts) this.show(this.conflicts);
  }

  async ask() {
    try {
      const { conflicts } = await getConflicts();
      if (this.isClosed) return;
      setShown(this.error, false);
      this.show(conflicts);
    } catch (error) {
      if (!this.isClosed) this.fail(error);
    }
  }

  fail(error) {
    setText(this.error, refusalText(error));
    setShown(this.error, true);
  }

  show(conflicts) {
    this.conflicts = conflicts;
    setShown(this.none, conflicts.length === 0);
    const titles = [...this.context.devices.values()].map(({ title }) => title);
    setContent(this.list, JSON.stringify([conflicts, titles]), () => conflicts.map((one) =>
      this.conflict(one)));
  }

  conflict({ id, values }) {
    const [{ what, parameters }] = values;
    const name = this.subject(what, parameters, values);
    return h('li', { 'data-conflict': id }, h('h4', {}, name),
      h('ol', {}, ...values.map((value, i) => h('li', { 'data-holds': String(i === 0) },
        h('p', {}, h('strong', {}, this.text(value)), ' ',
          i === 0 ? h('span', { class: 'badge' }, t('conflict.holds')) : null),
        h('p', { class: 'about' }, t('conflict.by', { author: authorText(value.author),
          node: value.node, time: timeText(value.atUs, value.trusted) })),
        h('button', { type: 'button', class: 'plain', 'data-needs': 'administer',
          onclick: () => this.decide(id, value) },
        t(i === 0 ? 'conflict.keep' : 'conflict.take'),
        h('span', { class: 'unseen' }, ` ${name}: ${this.text(value)}`))))));
  }

  /** What was set, as people call it. */
  subject(what, parameters, values) {
    const device = titleOf(this.context.devices, parameters.device);
    const named = values.map(({ rule, recipient }) => (rule ?? recipient)?.name).find(Boolean);
    const key = `conflict.of.${what}`;
    if (!has(key)) return [what, device, parameters.name].filter(Boolean).join(' · ');
    return t(key, { device, name: named ?? parameters.name ?? parameters.user ?? '?',
      channel: parameters.channel ?? t('rule.channel.all') });
  }

  text(value) {
    return valueText(this.context.devices, value);
  }

  async decide(id, value) {
    try {
      const { conflicts } = await decideConflict(id, value.record);
      setShown(this.error, false);
      this.show(conflicts);
      this.heading.focus();
      this.context.announce(t('conflict.decided', { value: this.text(value) }));
      this.context.conflicts.show(conflicts.length);
      this.context.refresh();
    } catch (error) {
      this.fail(error);
    }
  }
}
