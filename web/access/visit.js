// Who comes and goes while the page is open, and what becomes of the page then.

import { signOut } from '../api.js';
import { refusalText } from '../problems.js';
import { t } from '../text.js';
import { Account } from './account.js';
import { Door } from './door.js';
import { Session } from './session.js';

export class Visit {
  constructor(page) {
    this.page = page;
    this.session = new Session((before) => this.take(before));
    this.account = new Account(this.session);
    this.door = new Door(document.getElementById('door'), this.session, page.announce);
    document.getElementById('sign-out').addEventListener('click', () => this.leave());
  }

  /** Begins, once the page has words and knows who is there. */
  start() {
    this.isStarted = true;
    this.take(null);
  }

  /** Shows it all in another language. */
  show() {
    this.account.show();
    if (this.isStarted) this.page.route.follow(true);
  }

  /** Somebody came or left, or may do more or less than before. */
  take(before) {
    if (!this.isStarted) return;
    const { isIn, user } = this.session;
    this.account.show();
    if (!isIn) {
      this.end();
      return;
    }
    // What the page holds is one person's: another begins with an empty one.
    if (this.reader && user !== this.reader) {
      location.reload();
      return;
    }
    this.reader ??= user;
    const comes = this.door.isOpen;
    this.page.begin();
    this.page.route.follow(!comes);
    if (comes) this.welcome();
    else if (before?.role && before.role !== this.session.role) {
      this.page.announce(t('said.rights', { role: t(`role.${this.session.role}`) }));
    }
  }

  /** The session has ended, or nobody ever was here: what is shown gives way to the door. */
  end() {
    if (!this.door.isOpen) this.at = document.activeElement;
    this.page.stop();
    if (this.reader) this.door.expect(this.reader);
    this.page.route.follow();
  }

  /** Back to where one was, the place in the page too. */
  welcome() {
    const { at } = this;
    if (at !== document.body && at?.isConnected && at.checkVisibility()) at.focus();
    this.page.announce(t('said.welcome', { user: this.session.user ?? '' }));
  }

  /** Nothing of what was shown stays in this window. */
  async leave() {
    try {
      await signOut();
      history.replaceState(null, '', location.pathname);
      location.reload();
    } catch (error) {
      this.account.fail(refusalText(error));
    }
  }
}
