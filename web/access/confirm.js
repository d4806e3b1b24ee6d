// Asks before something is done that cannot be taken back, or that a person is to have read.

import { h } from '../dom.js';
import { t } from '../text.js';

let number = 0;

/** Whether a person says yes; Escape and "back" say no. What can be undone is not grave. */
export function confirm(words, act, isGrave = true) {
  return new Promise((resolve) => {
    number += 1;
    const id = `confirm-${number}`;
    const close = (answer) => {
      dialog.returnValue = answer;
      dialog.close();
    };
    const dialog = h('dialog', { class: 'confirm', 'aria-labelledby': id, onclose: () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    } },
    h('p', { id }, words),
    h('div', { class: 'answers' },
      h('button', { type: 'button', class: 'plain', autofocus: true, onclick: () => close('no') },
        t('confirm.keep')),
      h('button', { type: 'button', class: isGrave ? 'act grave' : 'act',
        onclick: () => close('yes') }, act)));
    document.body.append(dialog);
    dialog.showModal();
  });
}
