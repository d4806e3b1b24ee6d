// Which site the page is of, and the way to the others of the same hub: those where whoever reads is
// known too, as the daemon says.

import { getSites } from '../api.js';
import { h, setContent, setShown, setText } from '../dom.js';

export class Sites {
  constructor() {
    this.name = document.getElementById('site-name');
    this.root = document.getElementById('sites');
    this.list = document.getElementById('sites-list');
  }

  /** The site's name, as the status has it. */
  show(name) {
    setText(this.name, name);
    setShown(this.name, name !== '');
  }

  /** Asks which others there are; a daemon that knows of none is asked again when somebody comes. */
  async ask() {
    try {
      this.showOthers(await getSites());
    } catch {
      // The page is of this site all the same.
    }
  }

  showOthers({ here, sites }) {
    setShown(this.root, sites.length > 1);
    setContent(this.list, JSON.stringify([here, sites]), () => sites.map((site) => h('li', {},
      h('a', { href: root(here) + site.path.slice(1),
        'aria-current': site.place === here ? 'page' : null }, site.name ?? site.place))));
  }
}

/** Where the hub's first site is, behind whatever a proxy puts before it. */
function root(here) {
  const folder = location.pathname.replace(/[^/]*$/, '');
  const own = `site/${here}/`;
  return folder.endsWith(`/${own}`) ? folder.slice(0, -own.length) : folder;
}
