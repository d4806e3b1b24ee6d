// The door: where one signs in, or makes the first administrator with the claim code. It stands in
// place of the view that the address asks for, which is there again once one is in.

import { h, setAttribute, setContent, setShown, setText } from '../dom.js';
import { currentLanguage, t } from '../text.js';
import { Field, PasswordField, Sheet, userField } from './fields.js';

const CODE_LENGTH_MAX = 32;
/** The code was made for people: hyphens, spaces and case do not matter. */
const CODE_GROUP = 5;

export class Door {
  constructor(root, session, announce) {
    this.root = root;
    this.session = session;
    this.announce = announce;
    this.reason = null;
    this.expected = null;
  }

  get isOpen() {
    return !this.root.hidden;
  }

  title() {
    return t(this.session.isClaimed ? 'door.title' : 'claim.title');
  }

  /** Somebody was in whose session has ended: they need only give their password. */
  expect(user) {
    this.expected = user;
    this.reason = 'ended';
  }

  open() {
    const wasOpen = this.isOpen;
    const wasWithin = this.root.contains(document.activeElement);
    setShown(this.root, true);
    this.build();
    if (wasOpen && !(wasWithin && document.activeElement === document.body)) return;
    if (this.why.textContent) this.announce(this.why.textContent);
    this.focus();
  }

  close() {
    if (!this.isOpen) return;
    setShown(this.root, false);
    this.reason = null;
    this.expected = null;
    this.sheet = null;
    this.root.replaceChildren();
    this.root.contentKey = null;
  }

  focus() {
    const empty = this.sheet.fields.find(({ value }) => value === '') ?? this.sheet.fields[0];
    empty.input.focus();
  }

  /** Makes the form anew in another language; what was typed stays. */
  build() {
    const { isClaimed } = this.session;
    const typed = new Map((this.sheet?.fields ?? []).map(({ name, input }) => [name, input.value]));
    const wasAt = this.sheet?.fields.find(({ input }) => input === document.activeElement)?.name;
    setContent(this.root, `${currentLanguage()} ${isClaimed}`, () => {
      this.why = h('p', { class: 'why' });
      this.sheet = isClaimed ? this.signInSheet() : this.claimSheet();
      for (const field of this.sheet.fields) field.input.value = typed.get(field.name) ?? '';
      if (!this.user.input.value) this.user.input.value = this.expected ?? '';
      return [
        h('h2', { id: 'door-title' }, this.title()), this.why, this.sheet.root,
        h('p', { class: 'hint' }, t(isClaimed ? 'door.forgotten' : 'claim.where'), ' ',
          h('code', {}, isClaimed ? 'bivouac user password' : 'bivouac status')),
      ];
    });
    this.sheet.fields.find(({ name }) => name === wasAt)?.input.focus();
    setAttribute(this.root, 'data-door', isClaimed ? 'sign-in' : 'claim');
    this.showWhy();
  }

  showWhy() {
    const words = this.session.isClaimed ? this.reason && t(`door.${this.reason}`) : t('claim.why');
    setText(this.why, words ?? '');
    setShown(this.why, Boolean(words));
  }

  signInSheet() {
    this.user = userField();
    const password = new PasswordField('password', t('door.password'), 'current-password');
    return new Sheet([this.user, password], t('door.enter'),
      async (typed) => {
        password.show(false);
        try {
          await this.session.signIn(typed.user, typed.password);
        } catch (error) {
          // Nobody can sign in before there is anybody: the daemon says what is to be done.
          if (error.problem?.code === 'claim.first') await this.session.ask();
          throw error;
        }
      },
      { places: { 'login.wrong': 'password' } });
  }

  claimSheet() {
    const code = new Field('code', t('claim.code'), { autocapitalize: 'characters',
      spellcheck: 'false', class: 'code', maxlength: CODE_LENGTH_MAX }, t('claim.code.hint'));
    this.user = userField();
    const password = new PasswordField('password', t('door.password'), 'new-password',
      t('password.hint'));
    return new Sheet([code, this.user, password], t('claim.enter'),
      async (typed) => {
        password.show(false);
        try {
          await this.session.claim({ ...typed, code: writtenCode(typed.code) });
        } catch (error) {
          // Somebody was faster: from now on one signs in.
          if (error.problem?.code === 'claim.done') {
            this.reason = 'claimed';
            await this.session.ask();
          }
          throw error;
        }
      },
      { places: { 'claim.wrong': 'code', 'user.refused': 'user', 'password.refused': 'password' } });
  }
}

/** A code as it stands on the terminal, whatever was typed between its letters. */
function writtenCode(typed) {
  const letters = typed.toUpperCase().replace(/[^0-9A-Z]/g, '');
  return `${letters.slice(0, CODE_GROUP)}-${letters.slice(CODE_GROUP)}`;
}
