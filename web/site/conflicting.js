// How many settings were set in two places at once, and of which devices: for the menu and the mark
// beside a name.

import { getConflicts } from '../api.js';
import { setShown, setText } from '../dom.js';
import { t } from '../text.js';

export class Conflicting {
  /** `onChange()` is called when it is of other devices than before. */
  constructor(onChange) {
    this.onChange = onChange;
    this.count = 0;
    this.devices = new Set();
    this.mark = document.getElementById('conflict-count');
  }

  /** Whether something of a device is set twice. */
  has(device) {
    return this.devices.has(device);
  }

  /** The number as the status has it; of which devices is asked when it is another one. */
  show(count) {
    if (count === this.count) return;
    this.count = count;
    this.translate();
    this.ask();
  }

  translate() {
    setShown(this.mark, this.count > 0);
    setText(this.mark.querySelector('[aria-hidden]'), String(this.count));
    setText(this.mark.querySelector('.unseen'), ` ${t('conflicts.count', { count: this.count })}`);
  }

  async ask() {
    try {
      const { conflicts } = await getConflicts();
      this.devices = new Set(conflicts.flatMap(({ values }) =>
        values.map(({ parameters }) => parameters.device)).filter(Boolean));
      this.onChange();
    } catch {
      this.count = 0; // asked again with the next status
    }
  }
}
