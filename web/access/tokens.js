// Tokens, by which programs come in: made with what they may do, shown once, revoked.

import { addToken, getTokens, RIGHTS, revokeToken } from '../api.js';
import { h, setContent, setShown, setText } from '../dom.js';
import { refusalText } from '../problems.js';
import { t } from '../text.js';
import { lastChange, permissionsText } from './authors.js';
import { confirm } from './confirm.js';
import { Field, Sheet } from './fields.js';

/** What a new token may do unless more is chosen. */
const RIGHTS_FIRST = ['read'];
/** How long it is said that the secret was copied. */
const SAID_MS = 4_000;

export class Tokens {
  constructor(context) {
    this.context = context;
    this.list = h('ul', { class: 'people' });
    this.none = h('p', { class: 'hint' }, t('tokens.none'));
    this.error = h('p', { class: 'error', role: 'alert', hidden: true });
    this.secret = h('div', {});
    this.root = h('section', { class: 'plate', 'aria-labelledby': 'tokens-title' },
      h('h3', { id: 'tokens-title', tabindex: -1 }, t('tokens.title')),
      h('p', { class: 'hint' }, t('tokens.why')), this.error, this.secret, this.none, this.list,
      this.adder());
  }

  close() {
    this.isClosed = true;
    this.secret.replaceChildren();
  }

  adder() {
    const rights = rightsField();
    this.sheet = new Sheet([new Field('name', t('tokens.name'), {}, t('tokens.name.hint')), rights],
      t('tokens.add'), async ({ name, permissions }) => {
        const { token, secret } = await addToken({ name, permissions });
        this.sheet.clear();
        this.fold.open = false;
        this.tell(token, secret);
        await this.ask();
      }, { kind: 'plain', places: { 'token.refused': 'name' } });
    this.fold = h('details', { class: 'fold', 'data-fold': 'add-token' },
      h('summary', {}, t('tokens.new')), this.sheet.root);
    return this.fold;
  }

  /** Shows a secret, for the only time. */
  tell({ name }, secret) {
    const said = h('span', { class: 'said', role: 'status' });
    const input = h('input', { type: 'text', readonly: true, value: secret, class: 'code',
      'aria-label': t('tokens.secret', { name }), onfocus: () => input.select() });
    this.secret.replaceChildren(h('div', { class: 'question', role: 'group', 'data-secret': true,
      'aria-label': t('tokens.secret', { name }) },
    h('p', {}, t('tokens.once', { name })), input,
    h('div', { class: 'answers' },
      h('button', { type: 'button', class: 'act', onclick: () => copy(input, said) },
        t('tokens.copy')),
      h('button', { type: 'button', class: 'plain', onclick: () => {
        this.secret.replaceChildren();
        document.getElementById('tokens-title')?.focus();
      } }, t('tokens.kept')), said)));
    input.focus();
  }

  async ask() {
    try {
      const { tokens } = await getTokens();
      if (this.isClosed) return;
      setShown(this.error, false);
      setShown(this.none, tokens.length === 0);
      setContent(this.list, JSON.stringify(tokens), () => tokens.map((token) => this.row(token)));
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error) {
    setText(this.error, refusalText(error));
    setShown(this.error, true);
  }

  row(token) {
    return h('li', { 'data-token': token.id },
      h('p', { class: 'person' }, h('strong', {}, token.name),
        h('span', { class: 'role' }, permissionsText(token.permissions))),
      h('p', { class: 'about' }, h('code', {}, `biv_${token.id}_…`)),
      h('p', { class: 'about' }, lastChange(token)),
      h('button', { type: 'button', class: 'plain grave', onclick: () => this.revoke(token) },
        t('tokens.revoke'), h('span', { class: 'unseen' }, ` ${token.name}`)));
  }

  async revoke({ id, name }) {
    if (!await confirm(t('tokens.revoke.why', { name }), t('tokens.revoke'))) return;
    try {
      await revokeToken(id);
      await this.ask();
      document.getElementById('tokens-title')?.focus();
      this.context.announce(t('tokens.revoked', { name }));
    } catch (error) {
      this.fail(error);
    }
  }
}

/** What a token may do, as boxes to tick. */
function rightsField() {
  const boxes = RIGHTS.map((right) => h('input', { type: 'checkbox', value: right,
    checked: RIGHTS_FIRST.includes(right) }));
  const error = h('p', { class: 'error', role: 'alert', hidden: true });
  const chosen = () => boxes.filter(({ checked }) => checked).map(({ value }) => value);
  return {
    name: 'permissions',
    // The form asks its fields whether they are empty: one box at least.
    input: { required: true },
    get value() {
      return chosen().length ? chosen() : '';
    },
    clear() {
      setShown(error, false);
    },
    refuse() {
      setText(error, t('tokens.rights.none'));
      setShown(error, true);
      boxes[0].focus();
    },
    root: h('fieldset', { class: 'rights' }, h('legend', {}, t('tokens.rights')),
      ...boxes.map((box) => h('label', { class: 'check' }, box,
        h('span', {}, t(`right.${box.value}`),
          h('span', { class: 'hint' }, ` ${t(`right.${box.value}.may`)}`)))), error),
  };
}

/** Puts the secret on the clipboard; where the browser does not allow that it is selected. */
async function copy(input, said) {
  input.select();
  try {
    await navigator.clipboard.writeText(input.value);
    setText(said, t('tokens.copied'));
  } catch {
    input.focus();
    setText(said, t('tokens.select'));
  }
  setTimeout(() => setText(said, ''), SAID_MS);
}
