// Who reads this page and what they may do, as the daemon says. What is shown by right hides itself
// by the attributes `data-needs` and `data-lacks` (style.css), so that a change of role is at once.

import * as api from '../api.js';
import { setAttribute } from '../dom.js';

export class Session {
  /** `onChange(before)` is called whenever the answer is another one than before. */
  constructor(onChange) {
    this.onChange = onChange;
    this.view = null;
    api.guard.onRefused = () => this.ask();
    api.guard.renew = () => this.renew();
  }

  /** Whether there is somebody; as long as the daemon has not said, the page may try. */
  get isIn() {
    return this.view === null || this.permissions.includes('read');
  }

  /** Whether somebody can sign in at all: at the first start there is nobody yet. */
  get isClaimed() {
    return this.view?.claimed !== false;
  }

  get user() {
    return this.view?.user ?? null;
  }

  get role() {
    return this.view?.role ?? null;
  }

  get permissions() {
    return this.view?.permissions ?? [];
  }

  may(permission) {
    return this.permissions.includes(permission);
  }

  /** Asks the daemon; without an answer nothing changes. */
  ask() {
    this.asking ??= api.getSession().then((view) => this.take(view), () => {}).finally(() => {
      this.asking = null;
    });
    return this.asking;
  }

  /** Takes what the daemon answered, by whichever way. */
  take(view) {
    const before = this.view;
    this.view = view;
    api.guard.csrf = view.csrf ?? null;
    setAttribute(document.body, 'data-may', this.permissions.join(' '));
    if (JSON.stringify(before) !== JSON.stringify(view)) this.onChange(before);
  }

  /** Another window may have signed in anew: whether a refused request can be tried again. */
  async renew() {
    const { user } = this;
    await this.ask();
    return user !== null && user === this.user;
  }

  async signIn(user, password) {
    this.take(await api.signIn(user, password));
  }

  async claim(claim) {
    this.take(await api.claim(claim));
  }

  async changePassword(change) {
    this.take(await api.changePassword(change));
  }
}
