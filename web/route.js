// Which view is shown: the door while nobody is in, else what the address asks for: the devices, the
// history, or a view of the account. "Back" goes from one to the other.

import { isPanel } from './access/panel.js';
import { setAttribute, setShown } from './dom.js';
import { t } from './text.js';
import { isHistory } from './history/state.js';

export class Route {
  constructor(session, views) {
    this.session = session;
    this.views = views;
    this.devices = document.getElementById('live');
    this.skip = document.querySelector('.skip');
    window.addEventListener('hashchange', () => this.follow());
    this.skip.addEventListener('click', (event) => {
      if (this.name === 'devices') return;
      event.preventDefault();
      this.views[this.name].focus();
    });
  }

  get wanted() {
    if (!this.session.isIn) return 'door';
    if (isHistory(location.hash)) return 'history';
    return isPanel(location.hash) ? 'panel' : 'devices';
  }

  /** Shows what is wanted; by whoever followed a link the view's title is read first. */
  follow(isFirst = false) {
    const before = { name: this.name, hash: this.hash };
    this.name = this.wanted;
    this.hash = location.hash;
    // First, because what is not displayed takes no focus.
    setAttribute(document.body, 'data-view', this.name);
    setShown(this.devices, this.name === 'devices');
    for (const [name, view] of Object.entries(this.views)) {
      if (name !== this.name) view.close();
    }
    if (this.name === 'door') this.views.door.open();
    else if (this.name !== 'devices') this.views[this.name].open(location.hash);
    this.say();
    const isSame = this.name === before.name
      && (this.name !== 'panel' || this.hash === before.hash);
    if (isFirst || isSame || this.name === 'door') return;
    scrollTo(0, 0);
    if (this.name !== 'devices') this.views[this.name].focus();
    else if (!location.hash) this.devices.firstElementChild.focus({ preventScroll: true });
  }

  say() {
    const { name } = this;
    this.skip.textContent = t(`skip.${name}`);
    const title = name === 'history' ? t('history.title') : this.views[name]?.title();
    document.title = title ? `${title} · Bivouac` : 'Bivouac';
  }
}
