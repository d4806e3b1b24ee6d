// The account in the head of the page: who is signed in, where to change what, and the way out.

import { setAttribute, setShown, setText } from '../dom.js';
import { t } from '../text.js';

export class Account {
  constructor(session) {
    this.session = session;
    this.root = document.getElementById('account');
    this.button = document.getElementById('account-button');
    this.menu = document.getElementById('account-menu');
    this.error = document.getElementById('account-error');
    this.button.addEventListener('click', () => this.unfold(this.menu.hidden));
    this.root.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || this.menu.hidden) return;
      this.unfold(false);
      this.button.focus();
    });
    this.root.addEventListener('focusout', ({ relatedTarget }) => {
      if (relatedTarget && !this.root.contains(relatedTarget)) this.unfold(false);
    });
    document.addEventListener('pointerdown', ({ target }) => {
      if (!this.root.contains(target)) this.unfold(false);
    });
    this.menu.addEventListener('click', ({ target }) => {
      if (target.closest('a')) this.unfold(false);
    });
  }

  unfold(isOpen) {
    setShown(this.menu, isOpen);
    setShown(this.error, false);
    setAttribute(this.button, 'aria-expanded', String(isOpen));
  }

  show() {
    const { user, role } = this.session;
    setShown(this.root, user !== null);
    if (user === null) {
      this.unfold(false);
      return;
    }
    setText(this.button.querySelector('.who'), user);
    setText(this.button.querySelector('.unseen'), t('account.title'));
    setText(document.getElementById('account-user'), user);
    setText(document.getElementById('account-role'), t(`role.${role}`));
  }

  fail(words) {
    setText(this.error, words);
    setShown(this.error, true);
  }
}
