// The people who may sign in, and the tokens of programs, for administrators.

import { addUser, getUsers, putUser, removeUser } from '../api.js';
import { h, setAttribute, setShown, setText } from '../dom.js';
import { refusalText } from '../problems.js';
import { t } from '../text.js';
import { lastChange, roleText } from './authors.js';
import { confirm } from './confirm.js';
import { PasswordField, Sheet, userField } from './fields.js';
import { Tokens } from './tokens.js';

const ROLES = ['viewer', 'operator', 'admin'];

/** A choice of roles, as a field of a form. */
function roleField(role) {
  const input = h('select', { name: 'role' },
    ...ROLES.map((each) => h('option', { value: each }, t(`role.${each}`))));
  input.value = role;
  const field = { name: 'role', input, error: null, clear() {}, get value() {
    return input.value;
  } };
  field.root = h('label', { class: 'field' }, h('span', {}, t('people.role')), input);
  return field;
}

export class People {
  constructor(context) {
    this.context = context;
    this.needs = 'administer';
    this.rows = new Map();
    this.list = h('ul', { class: 'people' });
    this.error = h('p', { class: 'error', role: 'alert', hidden: true });
    this.tokens = new Tokens(context);
    this.root = h('div', { class: 'plates' },
      h('section', { class: 'plate', 'aria-labelledby': 'people-title' },
        h('h3', { id: 'people-title', tabindex: -1 }, t('people.title')), this.error, this.list,
        this.adder()),
      this.tokens.root);
  }

  title() {
    return t('account.people');
  }

  open() {
    this.ask();
    this.tokens.ask();
  }

  close() {
    this.isClosed = true;
    this.tokens.close();
  }

  adder() {
    this.sheet = new Sheet([
      userField({ autocomplete: 'off' }), roleField('viewer'),
      new PasswordField('password', t('door.password'), 'new-password', t('password.hint')),
    ], t('people.add'), async ({ user, role, password }) => {
      const added = await addUser({ name: user, role, password });
      this.sheet.clear();
      await this.ask();
      this.context.announce(t('people.added', { user: added.name }));
    }, { kind: 'plain', places: { 'user.refused': 'user', 'user.exists': 'user',
      'password.refused': 'password' } });
    return h('details', { class: 'fold', 'data-fold': 'add-user' },
      h('summary', {}, t('people.new')), this.sheet.root,
      h('dl', { class: 'roles hint' }, ...ROLES.map((role) => h('div', {},
        h('dt', {}, t(`role.${role}`)), h('dd', {}, t(`role.${role}.may`))))));
  }

  async ask() {
    try {
      const { users } = await getUsers();
      if (this.isClosed) return;
      setShown(this.error, false);
      this.show(users);
    } catch (error) {
      setText(this.error, refusalText(error));
      setShown(this.error, true);
    }
  }

  /** Brings the rows in line: what is unfolded, and the focus, stay. */
  show(users) {
    const names = new Set(users.map(({ name }) => name));
    for (const [name, row] of this.rows) {
      if (names.has(name)) continue;
      row.root.remove();
      this.rows.delete(name);
    }
    users.forEach((user, i) => {
      let row = this.rows.get(user.name);
      if (!row) {
        row = new Person(user, this);
        this.rows.set(user.name, row);
      }
      if (this.list.children[i] !== row.root) this.list.insertBefore(row.root, this.list.children[i]);
      row.show(user);
    });
  }

  isSelf(name) {
    return name === this.context.session.user;
  }
}

/** One person, and what can be changed of them. */
class Person {
  constructor({ name, role }, people) {
    this.name = name;
    this.people = people;
    this.role = h('span', { class: 'role' });
    this.conflict = h('p', { class: 'why' }, t('people.conflict'));
    this.about = h('p', { class: 'about' });
    this.error = h('p', { class: 'error', role: 'alert', hidden: true });
    this.choice = roleField(role);
    this.roleSheet = new Sheet([this.choice], t('people.save'), ({ role: wanted }) =>
      this.change({ role: wanted }, t('people.role.changed', { user: name,
        role: roleText(wanted) })), { kind: 'plain' });
    this.summary = h('summary', {}, t('people.edit'), h('span', { class: 'unseen' }, ` ${name}`));
    this.fold = h('details', { class: 'fold' }, this.summary, this.roleSheet.root,
      people.isSelf(name) ? this.ownPassword() : this.passwordSheet(),
      h('button', { type: 'button', class: 'plain grave', onclick: () => this.remove() },
        t('people.remove'), h('span', { class: 'unseen' }, ` ${name}`)), this.error);
    this.root = h('li', { 'data-user': name },
      h('p', { class: 'person' }, h('strong', {}, name), this.role,
        people.isSelf(name) ? h('span', { class: 'badge' }, t('people.you')) : null),
      this.conflict, this.about, this.fold);
  }

  ownPassword() {
    return h('p', {}, h('a', { class: 'back', href: '#/password' }, t('account.password')));
  }

  passwordSheet() {
    const password = new PasswordField('password', t('people.password'), 'new-password',
      t('password.hint'));
    this.passwords = new Sheet([password], t('people.password.set'), async (typed) => {
      await this.change(typed, t('people.password.changed', { user: this.name }));
      this.passwords.clear();
    }, { kind: 'plain', places: { 'password.refused': 'password' } });
    return this.passwords.root;
  }

  show(user) {
    setText(this.role, roleText(user.role));
    setAttribute(this.root, 'data-role', user.role);
    if (!this.choice.input.matches(':focus')) this.choice.input.value = user.role;
    setShown(this.conflict, user.conflict);
    setText(this.about, lastChange(user));
  }

  async change(what, words) {
    await putUser(this.name, what);
    await this.people.ask();
    if (this.people.isSelf(this.name)) await this.people.context.session.ask();
    this.fold.open = false;
    this.summary.focus();
    this.people.context.announce(words);
  }

  async remove() {
    const isSelf = this.people.isSelf(this.name);
    const words = t(isSelf ? 'people.remove.self' : 'people.remove.why', { user: this.name });
    if (!await confirm(words, t('people.remove'))) return;
    setShown(this.error, false);
    try {
      await removeUser(this.name);
    } catch (error) {
      setText(this.error, refusalText(error));
      setShown(this.error, true);
      return;
    }
    if (isSelf) {
      await this.people.context.session.ask();
      return;
    }
    await this.people.ask();
    document.getElementById('people-title')?.focus();
    this.people.context.announce(t('people.removed', { user: this.name }));
  }
}
