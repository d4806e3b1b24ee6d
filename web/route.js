// Which view the address asks for: the devices, or the history. "Back" goes from one to the other.

import { setAttribute, setShown } from './dom.js';
import { t } from './text.js';
import { isHistory } from './history/state.js';

export class Route {
  constructor(history) {
    this.history = history;
    this.devices = document.getElementById('live');
    this.skip = document.querySelector('.skip');
    window.addEventListener('hashchange', () => this.follow());
    this.skip.addEventListener('click', (event) => {
      if (!this.history.isOpen) return;
      event.preventDefault();
      this.history.focus();
    });
  }

  /** Shows what the address says; by whoever followed a link the view's title is read first. */
  follow(isFirst = false) {
    const isAsked = isHistory(location.hash);
    const wasOpen = this.history.isOpen;
    setShown(this.devices, !isAsked);
    this.skip.textContent = t(isAsked ? 'history.skip' : 'skip');
    document.title = isAsked ? `${t('history.title')} · Bivouac` : 'Bivouac';
    setAttribute(document.body, 'data-view', isAsked ? 'history' : 'devices');
    if (isAsked) this.history.open(location.hash);
    else this.history.close();
    if (isFirst || isAsked === wasOpen) return;
    scrollTo(0, 0);
    if (isAsked) this.history.focus();
    else if (!location.hash) document.getElementById('devices').focus({ preventScroll: true });
  }
}
