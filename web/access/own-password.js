// One's own password, changed by whoever knows the present one.

import { h, setShown, setText } from '../dom.js';
import { t } from '../text.js';
import { PasswordField, Sheet } from './fields.js';

export class OwnPassword {
  constructor({ session, announce }) {
    this.session = session;
    this.announce = announce;
    this.done = h('p', { class: 'done', role: 'status', hidden: true });
    // A password manager has to know whose password it is that changes.
    this.user = h('input', { type: 'text', name: 'user', autocomplete: 'username', hidden: true,
      value: session.user ?? '' });
    this.sheet = new Sheet([
      new PasswordField('old', t('password.old'), 'current-password'),
      new PasswordField('new', t('password.new'), 'new-password', t('password.hint')),
    ], t('password.change'), (typed) => this.change(typed),
    { places: { 'password.wrong': 'old', 'password.refused': 'new' } });
    this.sheet.root.prepend(this.user);
    this.root = h('div', { class: 'plate' }, h('p', { class: 'hint' }, t('password.why')),
      this.sheet.root, this.done);
  }

  title() {
    return t('account.password');
  }

  open() {}

  close() {
    this.sheet.clear();
  }

  async change(typed) {
    setShown(this.done, false);
    await this.session.changePassword(typed);
    this.sheet.clear();
    setText(this.done, t('password.changed'));
    setShown(this.done, true);
  }
}
