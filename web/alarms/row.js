// One alarm: what was noticed where, since when, and who has seen it.

import { acknowledgeAlarm } from '../api.js';
import { authorText } from '../access/authors.js';
import { Field, Sheet } from '../access/fields.js';
import { h, setAttribute, setContent, setShown, setText } from '../dom.js';
import { t } from '../text.js';
import { beginningOf, conditionText, endOf, severityText, whenText, withUnit } from './words.js';

/** Bytes of a comment; the daemon refuses what is longer. */
const COMMENT_LENGTH_MAX = 512;

export class AlarmRow {
  /** `view` has `context` and `ask()`, which brings the list in line again. */
  constructor(alarm, view) {
    this.view = view;
    this.id = alarm.id;
    this.severity = h('span', { class: 'severity' });
    this.name = h('strong', { tabindex: -1 });
    this.state = h('span', { class: 'role' });
    this.what = h('p', { class: 'alarm-what' });
    this.where = h('p', { class: 'about' });
    this.times = h('p', { class: 'about' });
    this.seen = h('p', { class: 'about alarm-seen' });
    this.fold = this.acknowledgement(alarm);
    this.root = h('li', { 'data-alarm': alarm.id },
      h('p', { class: 'person' }, this.severity, this.name, this.state),
      this.what, this.where, this.times, this.seen, this.fold);
    this.show(alarm);
  }

  acknowledgement(alarm) {
    const isAsked = alarm.content?.commentRequired === true;
    const comment = new Field('comment', t('alarm.comment'),
      { required: isAsked, maxlength: COMMENT_LENGTH_MAX },
      t(isAsked ? 'alarm.comment.asked' : 'alarm.comment.free'));
    const sheet = new Sheet([comment], t('alarm.acknowledge'), async ({ comment: words }) => {
      await acknowledgeAlarm(this.id, words === '' ? {} : { comment: words });
      await this.view.ask();
      this.name.focus();
      this.view.context.announce(t('alarm.acknowledged', { name: this.name.textContent }));
    }, { places: { 'alarm.comment': 'comment' } });
    return h('details', { class: 'fold', 'data-needs': 'operate' },
      h('summary', {}, t('alarm.acknowledge'),
        h('span', { class: 'unseen' }, ` ${alarm.content?.name ?? ''}`)), sheet.root);
  }

  /** Brings it in line; what is typed, and the focus, stay. */
  show(alarm) {
    this.alarm = alarm;
    const { content: rule } = alarm;
    setAttribute(this.root, 'data-severity', rule?.severity ?? 'alarm');
    setAttribute(this.root, 'data-open', String(alarm.open));
    setContent(this.severity, rule?.severity ?? '', () => [
      h('span', { class: 'sign', 'aria-hidden': true }), severityText(rule?.severity)]);
    setText(this.name, alarm.gateway ? t('alarm.gateway', { name: alarm.gateway })
      : rule?.name ?? alarm.rule);
    setText(this.state, stateText(alarm));
    setText(this.what, whatText(alarm));
    this.showWhere(alarm);
    const { acknowledged } = alarm;
    setAttribute(this.seen, 'data-seen', acknowledged ? true : null);
    setText(this.seen, acknowledged ? t(acknowledged.reason ? 'alarm.seen.comment' : 'alarm.seen', {
      author: authorText(acknowledged.author), comment: acknowledged.reason,
      time: whenText({ wallUs: acknowledged.atUs, isTrusted: acknowledged.trusted }),
    }) : t(alarm.recorded ? 'alarm.unseen' : 'alarm.unrecorded'));
    setShown(this.fold, alarm.recorded && !acknowledged);
    this.tick();
  }

  showWhere({ content: rule, node }) {
    const device = this.view.context.devices.get(rule?.device);
    const title = device?.title ?? rule?.device;
    const address = rule && `#/history?${new URLSearchParams([['device', rule.device],
      ...(rule.channel ? [['channel', rule.channel]] : [])])}&last=86400`;
    const place = node ? t('alarm.node', { node }) : t('alarm.node.here');
    setContent(this.where, [title, rule?.channel, place].join('\n'), () => [
      [title, rule?.channel, place].filter(Boolean).join(' · '), ' ',
      rule?.channel ? h('a', { href: address }, t('alarm.history'),
        h('span', { class: 'unseen' }, ` ${title} ${rule.channel}`)) : '']);
  }

  /** Ages go on. */
  tick() {
    const { alarm } = this;
    const words = [t('alarm.since', { when: whenText(beginningOf(alarm)) })];
    if (!alarm.open) words.push(t('alarm.until', { when: whenText(endOf(alarm)) }));
    setText(this.times, words.join(' · '));
  }
}

function stateText({ open, cleared }) {
  if (open) return t('alarm.open');
  return t(cleared === 'normal' ? 'alarm.over' : 'alarm.over.rule');
}

function whatText({ content: rule, value, clearedValue, unit, open }) {
  const said = value === undefined || value === null ? null
    : t('alarm.value', { value: withUnit(value, unit) });
  const then = open || clearedValue === undefined || clearedValue === null ? null
    : t('alarm.value.then', { value: withUnit(clearedValue, unit) });
  return [rule ? conditionText(rule, unit) : t('alarm.rule.unknown'), said, then]
    .filter(Boolean).join(' · ');
}
