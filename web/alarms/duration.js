// A time as a field of a form: a number, and its unit.

import { Field } from '../access/fields.js';
import { h } from '../dom.js';
import { t } from '../text.js';
import { splitTime, TIME_UNITS } from './words.js';

/** Digits of a number that is typed. */
const DIGITS_MAX = 12;

export class Duration extends Field {
  /** `ms` is what stands there at first; null for nothing. */
  constructor(name, words, ms, hint = null) {
    super(name, words, { inputmode: 'decimal', maxlength: DIGITS_MAX, required: true }, hint);
    const [count, first] = ms === null ? ['', 'min'] : splitTime(ms);
    this.input.setAttribute('value', String(count).replace('.', t('number.point')));
    this.unit = h('select', { 'aria-label': t('time.unit', { field: words }) },
      ...TIME_UNITS.map(([unit]) =>
        h('option', { value: unit, selected: unit === first }, t(`time.${unit}`))));
    this.line.append(this.unit);
  }

  /** Milliseconds; empty where nothing is typed, and NaN where it is no number. */
  get value() {
    const typed = this.input.value.trim().replace(',', '.');
    if (typed === '') return '';
    const [, length] = TIME_UNITS.find(([unit]) => unit === this.unit.value);
    return /^\d+(\.\d+)?$/.test(typed) ? Math.round(Number(typed) * length) : NaN;
  }
}
