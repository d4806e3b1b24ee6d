// The form of a rule: what is to be noticed where, how long it must hold, and how much it matters.

import { getSeries, Refusal } from '../api.js';
import { Check, Choice, Field, Sheet } from '../access/fields.js';
import { setShown } from '../dom.js';
import { has, t } from '../text.js';
import { unit } from '../units.js';
import { Duration } from './duration.js';

const NAME_LENGTH_MAX = 128;
const NUMBER_LENGTH_MAX = 24;
const CONDITIONS = ['above', 'below', 'rises', 'falls', 'silent', 'frozen', 'gone'];
const SEVERITIES = ['notice', 'warning', 'alarm'];
/** Conditions that compare values, those of them within a time, and those without a channel. */
const COMPARING = ['above', 'below', 'rises', 'falls'];
const MOVING = ['rises', 'falls'];
/** What silence, sameness and absence last at first, in milliseconds. */
const DURATION_FIRST_MS = 15 * 60_000;

export class RuleForm {
  /** `rule` is what stands in it at first; `work(content)` writes it. */
  constructor(context, rule, words, work) {
    this.context = context;
    this.series = [];
    this.rule = rule;
    this.name = new Field('name', t('rule.name'), { maxlength: NAME_LENGTH_MAX,
      value: rule.name ?? null }, t('rule.name.hint'));
    this.device = new Choice('device', t('rule.device'), this.devices());
    this.device.choose(rule.device ?? '');
    this.condition = new Choice('condition', t('rule.condition'), CONDITIONS.map((each) =>
      [each, t(`rule.condition.${each}`)]));
    this.condition.choose(rule.condition ?? 'above');
    this.channel = new Choice('channel', t('rule.channel'), []);
    this.limit = new Field('limit', t('rule.limit'), this.number(rule.limit));
    this.hysteresis = new Field('hysteresis', t('rule.hysteresis'),
      { ...this.number(rule.hysteresis === '0' ? null : rule.hysteresis), required: false },
      t('rule.hysteresis.hint'));
    this.duration = new Duration('durationMs', t('rule.duration'),
      rule.durationMs ?? DURATION_FIRST_MS);
    this.delay = this.wait('delayMs', rule.delayMs, t('rule.delay'), t('rule.delay.hint'));
    this.clearDelay = this.wait('clearDelayMs', rule.clearDelayMs, t('rule.clear-delay'),
      t('rule.clear-delay.hint'));
    this.severity = new Choice('severity', t('rule.severity'), SEVERITIES.map((each) =>
      [each, t(`rule.severity.${each}`)]));
    this.severity.choose(rule.severity ?? 'warning');
    this.comment = new Check('commentRequired', t('rule.comment'), rule.commentRequired === true);
    this.enabled = new Check('enabled', t('rule.enabled'), rule.enabled !== false);
    this.sheet = new Sheet([this.name, this.device, this.condition, this.channel, this.limit,
      this.duration, this.hysteresis, this.delay, this.clearDelay, this.severity, this.comment,
      this.enabled], words, () => work(this.content()), {
      argumentText: (name) => (has(`rule.wrong.${name}`) ? t(`rule.wrong.${name}`) : null),
      attributes: { class: 'sheet rule-form' } });
    this.root = this.sheet.root;
    this.device.input.addEventListener('change', () => this.arrange());
    this.condition.input.addEventListener('change', () => this.arrange());
    this.channel.input.addEventListener('change', () => this.showUnit());
    this.arrange();
  }

  number(text) {
    return { inputmode: 'decimal', maxlength: NUMBER_LENGTH_MAX,
      value: text?.replace('.', t('number.point')) ?? null };
  }

  wait(name, ms, words, hint) {
    const field = new Duration(name, words, ms || null, hint);
    field.input.required = false;
    return field;
  }

  devices() {
    const known = [...this.context.devices.values()].filter(({ view }) =>
      !view.id.startsWith('port-')).map(({ id, title }) => [id, title]);
    const named = known.sort(([, a], [, b]) => a.localeCompare(b));
    const { device } = this.rule;
    const isKnown = !device || named.some(([id]) => id === device);
    return isKnown ? named : [...named, [device, device]];
  }

  /** Devices came, or have other names. */
  rename() {
    this.device.offer(this.devices());
    if (!this.device.value) this.device.choose(this.rule.device ?? '');
    this.arrange();
  }

  /** Channels are known of boards that are there; of others, by what is stored. */
  async learn() {
    if (this.isLearning) return;
    this.isLearning = true;
    try {
      this.series = (await getSeries()).series;
      this.arrange();
    } catch {
      // only boards that are there have their channels listed then
    }
  }

  /** Units by the keys of the device's channels. */
  channels() {
    const id = this.device.input.value;
    const found = new Map();
    for (const each of this.context.devices.get(id)?.view.channels ?? []) {
      found.set(each.key, each);
    }
    for (const { device, channel, unit: code, kind } of this.series) {
      if (device === id && !found.has(channel)) found.set(channel, { unit: code, kind });
    }
    const { device, channel } = this.rule;
    if (device === id && channel && !found.has(channel)) found.set(channel, { unit: '' });
    return found;
  }

  /** Shows the fields that the condition has. */
  arrange() {
    const condition = this.condition.input.value;
    const compares = COMPARING.includes(condition);
    const channels = [...this.channels()].filter(([, { kind }]) => !compares || kind !== 'text')
      .map(([key]) => [key, key]);
    const wanted = this.channel.input.value || this.rule.channel;
    this.channel.offer(condition === 'silent' ? [['', t('rule.channel.all')], ...channels]
      : channels);
    if (wanted) this.channel.choose(wanted);
    this.channel.input.required = condition !== 'silent' && condition !== 'gone';
    setShown(this.channel.root, condition !== 'gone');
    for (const field of [this.limit, this.hysteresis]) setShown(field.root, compares);
    this.limit.input.required = compares;
    const lasts = !compares || MOVING.includes(condition);
    setShown(this.duration.root, lasts);
    this.duration.input.required = lasts;
    // Silence, sameness and absence have a time of their own.
    setShown(this.delay.root, compares);
    this.showUnit();
  }

  showUnit() {
    const code = this.channels().get(this.channel.input.value)?.unit ?? '';
    const words = t('rule.limit');
    this.limit.root.querySelector('label').textContent = unit(code) ? `${words} (${unit(code)})`
      : words;
  }

  /** What is typed, as the daemon takes it. */
  content() {
    const condition = this.condition.input.value;
    const compares = COMPARING.includes(condition);
    const content = { name: this.name.value, device: this.device.value, condition,
      severity: this.severity.value, enabled: this.enabled.value,
      commentRequired: this.comment.value, delayMs: compares ? milliseconds(this.delay) : 0,
      clearDelayMs: milliseconds(this.clearDelay) };
    if (condition !== 'gone' && this.channel.value !== '') content.channel = this.channel.value;
    if (compares) {
      content.limit = decimal(this.limit.value);
      content.hysteresis = decimal(this.hysteresis.value) || '0';
    }
    if (!this.duration.root.hidden) content.durationMs = milliseconds(this.duration);
    return content;
  }
}

/** A number as people type it in either language, as the daemon reads it. */
function decimal(text) {
  return text.replace(',', '.').replace('\u2212', '-').replace(/\s/g, '');
}

/** What stands in a field of a time; nothing is no time at all. */
function milliseconds(field) {
  const { name, value } = field;
  if (value === '') return 0;
  if (Number.isNaN(value)) {
    throw new Refusal({ code: 'bad-argument', parameters: { argument: name } });
  }
  return value;
}
