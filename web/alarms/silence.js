// After which time a hub raises an alarm for a node of its site that it does not hear.

import { getSilence, putSilence, Refusal } from '../api.js';
import { Check, Sheet } from '../access/fields.js';
import { h, setShown, setText } from '../dom.js';
import { t } from '../text.js';
import { Duration } from './duration.js';
import { timeText } from './words.js';

/** What stands in the field where nothing is judged. */
const STANDARD_MS = 15 * 60_000;

export class Silence {
  constructor(context) {
    this.context = context;
    this.words = h('p', {});
    this.summary = h('summary', {}, t('silence.edit'));
    this.fold = h('details', { class: 'fold', 'data-needs': 'administer', 'data-fold': 'silence',
      ontoggle: () => this.edit() }, this.summary);
    this.root = h('div', { class: 'silence', hidden: true }, h('h4', {}, t('silence.title')),
      this.words, this.fold);
  }

  /** Only where there is a site is anybody to be heard. */
  async ask() {
    try {
      const view = await getSilence();
      this.view = view;
      setShown(this.root, view.judged || Boolean(this.context.head.status?.sync?.site));
      setText(this.words, [view.ms ? t('silence.after', { time: timeText(view.ms) })
        : t('silence.never'), view.judged ? t('silence.here') : t('silence.there')].join(' '));
    } catch {
      setShown(this.root, false); // the rules beside it say why
    }
  }

  /** The form, made when it is unfolded. */
  edit() {
    // The summary stays where it is: it may have the focus.
    for (const old of [...this.fold.children].slice(1)) old.remove();
    if (!this.fold.open) return;
    const time = new Duration('ms', t('silence.time'), this.view.ms || STANDARD_MS);
    const isOn = new Check('on', t('silence.on'), this.view.ms > 0);
    const sheet = new Sheet([isOn, time], t('rule.save'), async () => {
      if (isOn.value && !(time.value > 0)) {
        throw new Refusal({ code: 'bad-argument', parameters: { argument: 'ms' } });
      }
      await putSilence(isOn.value ? time.value : 0);
      await this.ask();
      this.fold.open = false;
      this.summary.focus();
      this.context.announce(t('silence.saved'));
    }, { kind: 'plain', argumentText: () => t('silence.wrong') });
    this.fold.append(sheet.root);
  }
}
