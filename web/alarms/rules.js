// The rules of alarms: read by whoever may read, written by administrators.

import { addRule, getRules, putRule, removeRule } from '../api.js';
import { lastChange } from '../access/authors.js';
import { confirm } from '../access/confirm.js';
import { h, setContent, setShown, setText } from '../dom.js';
import { refusalText } from '../problems.js';
import { t } from '../text.js';
import { RuleForm } from './rule-form.js';
import { Silence } from './silence.js';
import { conditionText, severityText, timeText, withUnit } from './words.js';

export class Rules {
  /** `asked` names a device, and a channel, that a rule is wanted for. */
  constructor(context, asked) {
    this.context = context;
    this.asked = asked;
    this.rows = new Map();
    this.title = h('h3', { id: 'rules-title', tabindex: -1 }, t('rules.title'));
    this.list = h('ul', { class: 'people rules' });
    this.none = h('p', { class: 'hint', hidden: true }, t('rules.none'));
    this.unreadable = h('p', { class: 'why', hidden: true });
    this.error = h('p', { class: 'error', role: 'alert', hidden: true });
    this.adder = h('details', { class: 'fold', 'data-needs': 'administer', 'data-fold': 'add-rule',
      open: asked.device !== undefined, ontoggle: () => this.offer() },
    h('summary', {}, t('rules.new')));
    this.silence = new Silence(context);
    this.root = h('section', { class: 'plate', 'aria-labelledby': 'rules-title' }, this.title,
      h('p', { class: 'hint' }, t('rules.why')), this.error, this.unreadable, this.none,
      this.list, this.adder, this.silence.root);
    this.offer();
  }

  get isAsked() {
    return this.asked.device !== undefined && this.context.session.may('administer');
  }

  /** Where a rule is wanted for a device, its form is where one begins. */
  focus() {
    this.form.name.input.focus();
  }

  /** The form, made when somebody wants it: by then the devices are known. */
  offer() {
    if (!this.adder.open || this.form) return;
    this.form = new RuleForm(this.context, this.asked, t('rules.add'), async (content) => {
      const made = await addRule(content);
      this.form.root.remove();
      this.form = null;
      this.asked = {};
      this.adder.open = false;
      await this.ask();
      this.title.focus();
      this.context.announce(t('rules.added', { name: made.rule.name }));
    });
    this.adder.append(this.form.root);
    this.form.learn();
  }

  /** Devices came, or have other names. */
  rename() {
    this.form?.rename();
    for (const row of this.rows.values()) row.show(row.view);
  }

  async ask() {
    this.silence.ask();
    try {
      const { rules, unreadable } = await getRules();
      setShown(this.error, false);
      setShown(this.none, rules.length === 0);
      setShown(this.unreadable, unreadable > 0);
      setText(this.unreadable, t('rules.unreadable', { count: unreadable }));
      this.show(rules);
    } catch (error) {
      setText(this.error, refusalText(error));
      setShown(this.error, true);
    }
  }

  /** Brings the rows in line: what is unfolded, and the focus, stay. */
  show(rules) {
    const ids = new Set(rules.map(({ id }) => id));
    for (const [id, row] of this.rows) {
      if (ids.has(id)) continue;
      row.root.remove();
      this.rows.delete(id);
    }
    rules.forEach((rule, i) => {
      let row = this.rows.get(rule.id);
      if (!row) {
        row = new Rule(rule.id, this);
        this.rows.set(rule.id, row);
      }
      if (this.list.children[i] !== row.root) this.list.insertBefore(row.root, this.list.children[i]);
      row.show(rule);
    });
  }
}

/** One rule, and what can be changed of it. */
class Rule {
  constructor(id, rules) {
    this.id = id;
    this.rules = rules;
    this.name = h('strong', {});
    this.severity = h('span', { class: 'severity' });
    this.off = h('span', { class: 'badge' }, t('rule.off'));
    this.conflict = h('a', { class: 'badge conflict', href: '#/conflicts' }, t('conflict.mark'));
    this.what = h('p', {});
    this.where = h('p', { class: 'about' });
    this.about = h('p', { class: 'about' });
    this.error = h('p', { class: 'error', role: 'alert', hidden: true });
    this.summaryName = h('span', { class: 'unseen' });
    this.summary = h('summary', {}, t('rule.edit'), this.summaryName);
    this.fold = h('details', { class: 'fold', 'data-needs': 'administer',
      ontoggle: () => this.edit() }, this.summary);
    this.root = h('li', { 'data-rule': id },
      h('p', { class: 'person' }, this.severity, this.name, this.off, this.conflict), this.what,
      this.where, this.about, this.fold);
  }

  show(view) {
    this.view = view;
    const { rule } = view;
    const device = this.rules.context.devices.get(rule.device);
    const code = device?.view.channels.find(({ key }) => key === rule.channel)?.unit ?? '';
    this.root.dataset.severity = rule.severity;
    this.root.dataset.enabled = String(rule.enabled);
    setContent(this.severity, rule.severity, () => [
      h('span', { class: 'sign', 'aria-hidden': true }), severityText(rule.severity)]);
    setText(this.name, rule.name);
    setText(this.summaryName, ` ${rule.name}`);
    setShown(this.off, rule.enabled === false);
    setShown(this.conflict, view.conflict);
    setText(this.what, ruleText(rule, code));
    const gateway = device?.view.gateway;
    setText(this.where, [device?.title ?? rule.device, rule.channel ?? t('rule.channel.all'),
      gateway ? t('rule.judged.at', { node: gateway }) : t('rule.judged.here')].join(' · '));
    setText(this.about, lastChange(view));
  }

  /** The form, made when it is unfolded. */
  edit() {
    // The summary stays where it is: it may have the focus.
    for (const old of [...this.fold.children].slice(1)) old.remove();
    if (!this.fold.open) return;
    const { context } = this.rules;
    const form = new RuleForm(context, this.view.rule, t('rule.save'), async (content) => {
      await putRule(this.id, content);
      await this.rules.ask();
      this.fold.open = false;
      this.summary.focus();
      context.announce(t('rule.saved', { name: content.name }));
    });
    setShown(this.error, false);
    this.fold.append(h('p', { class: 'hint' }, t('rule.edit.why')),
      form.root, h('button', { type: 'button', class: 'plain grave', onclick: () => this.remove() },
        t('rule.remove'), h('span', { class: 'unseen' }, ` ${this.view.rule.name}`)), this.error);
    form.learn();
  }

  async remove() {
    const { name } = this.view.rule;
    if (!await confirm(t('rule.remove.why', { name }), t('rule.remove'))) return;
    try {
      await removeRule(this.id);
    } catch (error) {
      setText(this.error, refusalText(error));
      setShown(this.error, true);
      return;
    }
    await this.rules.ask();
    this.rules.title.focus();
    this.rules.context.announce(t('rule.removed', { name }));
  }
}

/** A rule in words: `above 30 °C · for 2 min · over once 1 °C back`. */
function ruleText(rule, code) {
  const words = [conditionText(rule, code)];
  if (rule.delayMs) words.push(t('rule.text.delay', { time: timeText(rule.delayMs) }));
  if (rule.hysteresis && Number(rule.hysteresis) !== 0) {
    words.push(t('rule.text.hysteresis', { value: withUnit(rule.hysteresis, code) }));
  }
  if (rule.clearDelayMs) words.push(t('rule.text.clear', { time: timeText(rule.clearDelayMs) }));
  if (rule.commentRequired) words.push(t('rule.text.comment'));
  return words.join(' · ');
}
