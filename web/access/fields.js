// Fields and forms: each field has its words, a hint and its own error, and a form says what was
// refused beside the field that it is about.

import { h, setAttribute, setShown, setText } from '../dom.js';
import { refusalText } from '../problems.js';
import { t } from '../text.js';

/** Bytes of a name; the daemon refuses what is longer, and says so. */
export const NAME_LENGTH_MAX = 64;
/** A password may be longer than anybody types. */
const PASSWORD_LENGTH_MAX = 256;

let number = 0;

/** One input with a label. */
export class Field {
  constructor(name, words, attributes = {}, hint = null) {
    number += 1;
    const id = `field-${number}`;
    this.name = name;
    this.input = h(attributes.tag ?? 'input', { type: 'text', autocomplete: 'off', required: true,
      maxlength: NAME_LENGTH_MAX, ...attributes, tag: null, id, name,
      'aria-describedby': `${hint ? `${id}-hint ` : ''}${id}-error`,
      oninput: () => this.clear() });
    this.line = h('span', { class: 'entry' }, this.input);
    this.error = h('p', { class: 'error', id: `${id}-error`, hidden: true });
    this.root = h('div', { class: 'field' }, h('label', { for: id }, words), this.line,
      hint && h('p', { class: 'hint', id: `${id}-hint` }, hint), this.error);
  }

  get value() {
    return this.input.value.trim();
  }

  refuse(words) {
    setText(this.error, words);
    setShown(this.error, true);
    setAttribute(this.input, 'aria-invalid', 'true');
    this.input.focus();
    this.input.select?.();
  }

  clear() {
    setShown(this.error, false);
    setAttribute(this.input, 'aria-invalid', null);
  }
}

/** A name of a person: as password managers and small keyboards want it. */
export function userField(attributes = {}) {
  return new Field('user', t('door.user'), { autocomplete: 'username', autocapitalize: 'none',
    spellcheck: 'false', ...attributes });
}

/** A password, which can be looked at while it is typed; never trimmed. */
export class PasswordField extends Field {
  constructor(name, words, autocomplete, hint = null) {
    super(name, words, { type: 'password', autocomplete, spellcheck: 'false',
      autocapitalize: 'none', maxlength: PASSWORD_LENGTH_MAX }, hint);
    this.eye = h('button', { type: 'button', class: 'plain', 'aria-pressed': 'false',
      'aria-controls': this.input.id, onclick: () => this.show(this.input.type === 'password') },
    t('password.show'));
    this.line.append(this.eye);
  }

  get value() {
    return this.input.value;
  }

  show(isShown) {
    this.input.type = isShown ? 'text' : 'password';
    setAttribute(this.eye, 'aria-pressed', String(isShown));
  }
}

/** A choice of a few; `options` are pairs of a value and its words. */
export class Choice extends Field {
  constructor(name, words, options, hint = null) {
    super(name, words, { tag: 'select', type: null, maxlength: null, autocomplete: null }, hint);
    this.offer(options);
  }

  /** Offers others; what was chosen stays where it still can be. */
  offer(options) {
    const { value } = this.input;
    this.input.replaceChildren(...options.map(([each, words]) =>
      h('option', { value: each }, words)));
    this.choose(value);
  }

  choose(value) {
    if ([...this.input.options].some((option) => option.value === value)) this.input.value = value;
  }
}

/** A box to tick. */
export class Check {
  constructor(name, words, isChecked) {
    this.name = name;
    this.input = h('input', { type: 'checkbox', name, checked: isChecked });
    this.root = h('label', { class: 'check' }, this.input, h('span', {}, words));
  }

  get value() {
    return this.input.checked;
  }

  clear() {
    // a box is never wrong
  }
}

/** A form of such fields, with one button. `work(values)` does it and may throw a refusal. */
export class Sheet {
  /** `places` says by the code of a refusal which field it is about; an argument that does not fit
   * is of the field of its name, in the words that `argumentText` has for it, if any. */
  constructor(fields, words, work, { places = {}, argumentText = () => null, attributes = {},
    kind = 'act' } = {}) {
    this.fields = fields;
    this.places = places;
    this.argumentText = argumentText;
    this.work = work;
    this.button = h('button', { type: 'submit', class: kind }, words);
    this.error = h('p', { class: 'error', role: 'alert', hidden: true });
    this.root = h('form', { class: 'sheet', method: 'post', novalidate: true, ...attributes,
      onsubmit: (event) => {
        event.preventDefault();
        this.submit();
      } },
    ...fields.map(({ root }) => root), this.error, this.button);
  }

  async submit() {
    if (this.isBusy) return;
    setShown(this.error, false);
    for (const field of this.fields) field.clear();
    const empty = this.fields.find(({ input, value }) => input.required && value === '');
    if (empty) {
      empty.refuse(t('field.empty'));
      return;
    }
    this.setBusy(true);
    try {
      await this.work(Object.fromEntries(this.fields.map(({ name, value }) => [name, value])));
    } catch (error) {
      this.refuse(error);
    }
    this.setBusy(false);
  }

  setBusy(isBusy) {
    this.isBusy = isBusy;
    setAttribute(this.button, 'aria-disabled', isBusy || null);
    setAttribute(this.root, 'aria-busy', isBusy ? 'true' : null);
  }

  refuse(error) {
    const { code, parameters } = error.problem ?? {};
    const argument = code === 'bad-argument' ? parameters?.argument : null;
    const words = (argument && this.argumentText(argument)) ?? refusalText(error);
    const place = argument ?? this.places[code];
    const field = this.fields.find(({ name, root }) => name === place && !root.hidden);
    if (field?.refuse) {
      field.refuse(words);
      return;
    }
    setText(this.error, words);
    setShown(this.error, true);
  }

  /** Empties it: what was typed must not stay on a screen that others see. */
  clear() {
    this.root.reset();
    for (const field of this.fields) {
      field.clear();
      field.show?.(false);
    }
    setShown(this.error, false);
  }
}
