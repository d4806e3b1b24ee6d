// The views of an account and its administration, each with an address of its own.

import { h, setShown } from '../dom.js';
import { currentLanguage, t } from '../text.js';
import { Changes } from './changes.js';
import { OwnPassword } from './own-password.js';
import { People } from './people.js';
import { Site } from '../site/site.js';

const VIEWS = { '#/password': OwnPassword, '#/people': People, '#/changes': Changes,
  '#/site': Site };

/** Whether an address is one of these views. */
export const isPanel = (hash) => Object.hasOwn(VIEWS, hash);

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
    this.view = new VIEWS[hash](this.context);
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

  focus() {
    this.heading.focus({ preventScroll: true });
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
