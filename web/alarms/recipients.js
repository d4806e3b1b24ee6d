// Whom alarms are told to, for administrators: an address may be a secret.

import { addRecipient, getRecipients, putRecipient, removeRecipient,
  testRecipient } from '../api.js';
import { lastChange } from '../access/authors.js';
import { confirm } from '../access/confirm.js';
import { Check, Choice, Field, Sheet } from '../access/fields.js';
import { h, setAttribute, setShown, setText } from '../dom.js';
import { refusalText } from '../problems.js';
import { has, t } from '../text.js';
import { severityText } from './words.js';

const NAME_LENGTH_MAX = 128;
const ADDRESS_LENGTH_MAX = 1_024;
const SEVERITIES = ['notice', 'warning', 'alarm'];
const WAYS = ['webhook', 'mail', 'output'];
const LANGUAGES = [['en', 'English'], ['fr', 'Français']];

export class Recipients {
  constructor(context) {
    this.context = context;
    this.rows = new Map();
    this.title = h('h3', { id: 'recipients-title', tabindex: -1 }, t('recipients.title'));
    this.list = h('ul', { class: 'people recipients' });
    this.none = h('p', { class: 'hint', hidden: true }, t('recipients.none'));
    this.error = h('p', { class: 'error', role: 'alert', hidden: true });
    this.sheet = recipientSheet(context, {}, t('recipients.add'), async (content) => {
      const made = await addRecipient(content);
      this.sheet.clear();
      this.adder.open = false;
      await this.ask();
      this.title.focus();
      this.context.announce(t('recipients.added', { name: made.recipient.name }));
    });
    this.adder = h('details', { class: 'fold', 'data-fold': 'add-recipient' },
      h('summary', {}, t('recipients.new')), this.sheet.root);
    this.root = h('section', { class: 'plate', 'aria-labelledby': 'recipients-title',
      'data-needs': 'administer' }, this.title, h('p', { class: 'hint' }, t('recipients.why')),
    this.error, this.none, this.list, this.adder);
  }

  async ask() {
    if (!this.context.session.may('administer')) return;
    try {
      const { recipients } = await getRecipients();
      setShown(this.error, false);
      setShown(this.none, recipients.length === 0);
      this.show(recipients);
    } catch (error) {
      setText(this.error, refusalText(error));
      setShown(this.error, true);
    }
  }

  /** Brings the rows in line: what is unfolded, and the focus, stay. */
  show(recipients) {
    const ids = new Set(recipients.map(({ id }) => id));
    for (const [id, row] of this.rows) {
      if (ids.has(id)) continue;
      row.root.remove();
      this.rows.delete(id);
    }
    recipients.forEach((view, i) => {
      let row = this.rows.get(view.id);
      if (!row) {
        row = new Recipient(view.id, this);
        this.rows.set(view.id, row);
      }
      if (this.list.children[i] !== row.root) this.list.insertBefore(row.root, this.list.children[i]);
      row.show(view);
    });
  }
}

/** One recipient, what goes to it, and what can be changed of it. */
class Recipient {
  constructor(id, recipients) {
    this.id = id;
    this.recipients = recipients;
    this.name = h('strong', {});
    this.way = h('span', { class: 'role' });
    this.off = h('span', { class: 'badge' }, t('recipient.off'));
    this.conflict = h('a', { class: 'badge conflict', href: '#/conflicts' }, t('conflict.mark'));
    this.address = h('p', { class: 'about' });
    this.what = h('p', {});
    this.waiting = h('p', { class: 'why' });
    this.about = h('p', { class: 'about' });
    this.testName = h('span', { class: 'unseen' });
    this.test = h('button', { type: 'button', class: 'plain', onclick: () => this.try() },
      t('recipient.test'), this.testName);
    this.outcome = h('p', { class: 'outcome', role: 'status' });
    this.error = h('p', { class: 'error', role: 'alert', hidden: true });
    this.summaryName = h('span', { class: 'unseen' });
    this.summary = h('summary', {}, t('recipient.edit'), this.summaryName);
    this.fold = h('details', { class: 'fold', ontoggle: () => this.edit() }, this.summary);
    this.root = h('li', { 'data-recipient': id },
      h('p', { class: 'person' }, this.name, this.way, this.off, this.conflict), this.address,
      this.what, this.waiting, this.about,
      h('div', { class: 'answers' }, this.test, this.outcome), this.fold);
  }

  show(view) {
    this.view = view;
    const { recipient } = view;
    setText(this.name, recipient.name);
    for (const words of [this.testName, this.summaryName]) setText(words, ` ${recipient.name}`);
    setText(this.way, wayText(recipient.way));
    setShown(this.off, recipient.enabled === false);
    setShown(this.conflict, view.conflict);
    const isOutput = recipient.way === 'output';
    setText(this.address, isOutput ? outputText(this.recipients.context, recipient)
      : recipient.address);
    setText(this.what, [t('recipient.from', { severity: severityText(recipient.severity) }),
      recipient.rules?.length ? t('recipient.rules', { count: recipient.rules.length }) : null,
      isOutput ? stateText(view.state) : t(recipient.end ? 'recipient.end.yes'
        : 'recipient.end.no'),
      isOutput ? null : (LANGUAGES.find(([code]) => code === recipient.language) ?? [])[1]]
      .filter(Boolean).join(' · '));
    setShown(this.waiting, view.waiting > 0 || view.failures > 0);
    if (isOutput) setText(this.waiting, t('recipient.output.failing', { reason: view.reason || '–',
      count: view.failures }));
    else setText(this.waiting, view.failures > 0
      ? t('recipient.failing', { failures: view.failures, count: view.waiting,
        reason: view.reason || '–' })
      : t('recipient.waiting', { count: view.waiting }));
    setText(this.about, lastChange(view));
  }

  /** Tells it that the way works, and shows what became of that. */
  async try() {
    if (this.isBusy) return;
    this.isBusy = true;
    setAttribute(this.test, 'aria-disabled', 'true');
    setAttribute(this.outcome, 'data-outcome', null);
    setText(this.outcome, t('recipient.testing'));
    try {
      await testRecipient(this.id);
      this.tell('delivered', t(this.view.recipient.way === 'output' ? 'recipient.test.sounded'
        : 'recipient.test.delivered'));
    } catch (error) {
      const { code, parameters } = error.problem ?? {};
      const key = `recipient.test.${parameters?.kind}`;
      this.tell(parameters?.kind ?? 'failed', code === 'delivery.failed' && has(key)
        ? t(key, { reason: parameters.reason }) : refusalText(error));
    }
    this.isBusy = false;
    setAttribute(this.test, 'aria-disabled', null);
  }

  tell(kind, words) {
    setAttribute(this.outcome, 'data-outcome', kind);
    setText(this.outcome, words);
  }

  /** The form, made when it is unfolded. */
  edit() {
    // The summary stays where it is: it may have the focus.
    for (const old of [...this.fold.children].slice(1)) old.remove();
    if (!this.fold.open) return;
    const { recipient } = this.view;
    const sheet = recipientSheet(this.recipients.context, recipient, t('rule.save'), async (content) => {
      // The form has no rules: those that were named elsewhere stay.
      await putRecipient(this.id, { ...content, rules: recipient.rules });
      await this.recipients.ask();
      this.fold.open = false;
      this.summary.focus();
      this.recipients.context.announce(t('recipient.saved', { name: content.name }));
    });
    setShown(this.error, false);
    this.fold.append(sheet.root,
      h('button', { type: 'button', class: 'plain grave', onclick: () => this.remove() },
        t('recipient.remove'), h('span', { class: 'unseen' }, ` ${this.view.recipient.name}`)),
      this.error);
  }

  async remove() {
    const { name } = this.view.recipient;
    if (!await confirm(t('recipient.remove.why', { name }), t('recipient.remove'))) return;
    try {
      await removeRecipient(this.id);
    } catch (error) {
      setText(this.error, refusalText(error));
      setShown(this.error, true);
      return;
    }
    await this.recipients.ask();
    this.recipients.title.focus();
    this.recipients.context.announce(t('recipient.removed', { name }));
  }
}

function wayText(way) {
  return has(`recipient.way.${way}`) ? t(`recipient.way.${way}`) : way;
}

/** What an output is, as people call it. */
function outputText(context, { device, command }) {
  return `${context.devices.get(device)?.title ?? device} – ${command}`;
}

function stateText(state) {
  return has(`recipient.state.${state}`) ? t(`recipient.state.${state}`) : state;
}

/** The signals of every device that is known, and the one that stands in the form already. */
function signals(context, recipient) {
  const found = [...context.devices.values()].flatMap(({ id, view }) =>
    (view.commands ?? []).filter(({ signal }) => signal)
      .map(({ name }) => ({ device: id, command: name })));
  const isKnown = found.some(({ device, command }) =>
    device === recipient.device && command === recipient.command);
  if (recipient.command && !isKnown) found.push(recipient);
  return found.map((one) => [`${one.device} ${one.command}`, outputText(context, one)])
    .sort(([, a], [, b]) => a.localeCompare(b));
}

/** The form of a recipient; `work(content)` writes it. */
function recipientSheet(context, recipient, words, work) {
  const way = new Choice('way', t('recipient.way'), WAYS.map((each) => [each, wayText(each)]));
  way.choose(recipient.way ?? 'webhook');
  const severity = new Choice('severity', t('recipient.severity'), SEVERITIES.map((each) =>
    [each, t(`rule.severity.${each}`)]));
  severity.choose(recipient.severity ?? 'warning');
  const language = new Choice('language', t('recipient.language'), LANGUAGES);
  language.choose(recipient.language ?? document.documentElement.lang);
  const address = new Field('address', t('recipient.address'), { maxlength: ADDRESS_LENGTH_MAX,
    spellcheck: 'false', autocapitalize: 'none', value: recipient.address ?? null },
  t('recipient.address.hint'));
  const output = new Choice('output', t('recipient.output'), signals(context, recipient),
    t('recipient.output.hint'));
  if (recipient.command) output.choose(`${recipient.device} ${recipient.command}`);
  const end = new Check('end', t('recipient.end'), recipient.end !== false);
  /** Shows the fields that the way has; boards may have come since the form was made. */
  const arrange = () => {
    const isOutput = way.value === 'output';
    if (isOutput) output.offer(signals(context, recipient));
    for (const field of [address, language, end]) setShown(field.root, !isOutput);
    setShown(output.root, isOutput);
    address.input.required = !isOutput;
    output.input.required = isOutput;
  };
  way.input.addEventListener('change', arrange);
  arrange();
  return new Sheet([
    new Field('name', t('recipient.name'), { maxlength: NAME_LENGTH_MAX,
      value: recipient.name ?? null }, t('recipient.name.hint')),
    way, address, output, severity, language, end,
    new Check('enabled', t('recipient.enabled'), recipient.enabled !== false),
  ], words, ({ output: chosen, ...content }) => {
    if (content.way !== 'output') return work(content);
    const [device, command] = chosen.split(' ');
    const { name, way: kind, severity: from, enabled } = content;
    return work({ name, way: kind, severity: from, enabled, device, command });
  }, { places: { 'output.not-a-signal': 'output', absent: 'output' }, argumentText: (name) =>
    (has(`recipient.wrong.${name}`) ? t(`recipient.wrong.${name}`) : null) });
}
