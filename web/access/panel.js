// The views of an account and its administration, each with an address of its own.

import { h, setShown } from '../dom.js';
import { currentLanguage, t } from '../text.js';
import { Changes } from './changes.js';
import { OwnPassword } from './own-password.js';
import { People } from './people.js';
import { Alarms } from '../alarms/alarms.js';
import { Conflicts } from '../site/conflicts.js';
import { Site } from '../site/site.js';

const VIEWS = { '#/password': OwnPassword, '#/people': People, '#/changes': Changes,
  '#/site': Site, '#/alarms': Alarms, '#/conflicts': Conflicts };

/** Whether an address is one of these views; what it asks of the view follows a question mark. */
export const isPanel = (hash) => Object.hasOwn(VIEWS, hash.split('?')[0]);

export class Panel {
  constructor(root, context) {
    this.root = root;
    this.context = context;
  }

  get isOpen() {
    return !this.root.hidden;
  }

  title() {
    return this.view?.title() ?? '';
  }

  open(hash) {
    const key = `${hash} ${currentLanguage()} ${this.context.session.permissions}`;
    if (this.isOpen && this.key === key) return;
    this.view?.close();
    this.key = key;
    const [name, query] = hash.split('?');
    this.view = new VIEWS[name](this.context, new URLSearchParams(query));
    this.heading = h('h2', { class: 'view-title', id: 'panel-title', tabindex: -1 },
      this.view.title());
    const isAllowed = !this.view.needs || this.context.session.may(this.view.needs);
    this.root.replaceChildren(
      h('div', { class: 'view-head' },
        h('a', { class: 'back', href: '#' }, t('history.back')), this.heading),
      isAllowed ? this.view.root : h('p', { class: 'why' }, t('problem.forbidden')));
    setShown(this.root, true);
    if (isAllowed) this.view.open();
  }

  /** The view's title is where one begins, unless the view knows better. */
  focus() {
    if (!this.view.focus?.()) this.heading.focus({ preventScroll: true });
  }

  /** Devices came, or have other names. */
  rename() {
    this.view?.rename?.();
  }

  /** The feed tells of an alarm. */
  takeAlarm(alarm) {
    this.view?.takeAlarm?.(alarm);
  }

  close() {
    if (!this.isOpen) return;
    setShown(this.root, false);
    this.view.close();
    this.view = null;
    this.key = null;
    this.root.replaceChildren();
  }
}
