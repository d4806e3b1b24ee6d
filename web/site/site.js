// The site: who belongs to it, how records travel between its nodes, and how another one joins.

import { addSite, getSite, getSync, inviteNode, pairNode, revokePeer } from '../api.js';
import { confirm } from '../access/confirm.js';
import { Field, Sheet } from '../access/fields.js';
import { h, setContent, setShown, setText } from '../dom.js';
import { refusalText } from '../problems.js';
import { bytes, has, t } from '../text.js';
import { qrCode } from './qr.js';

const ASK_EVERY_MS = 5_000;
/** Digits of an id that tell two nodes apart for a person. */
const ID_DIGITS = 16;
const URL_LENGTH_MAX = 1_024;

export class Site {
  constructor(context) {
    this.context = context;
    this.error = h('p', { class: 'error', role: 'alert', hidden: true });
    this.about = h('div', {});
    this.list = h('ul', { class: 'people nodes' });
    this.once = h('div', {});
    this.nodes = h('section', { class: 'plate', 'aria-labelledby': 'site-nodes', hidden: true },
      h('h3', { id: 'site-nodes', tabindex: -1 }, t('site.nodes')), this.list);
    this.inviter = h('section', { class: 'plate', 'aria-labelledby': 'site-invite',
      'data-needs': 'administer', hidden: true },
    h('h3', { id: 'site-invite' }, t('site.invite')),
    h('p', { class: 'hint' }, t('site.invite.why')), this.invitation());
    this.joiner = h('section', { class: 'plate', 'aria-labelledby': 'site-join',
      'data-needs': 'administer', hidden: true },
    h('h3', { id: 'site-join' }, t('site.join')), h('p', { class: 'hint' }, t('site.join.why')),
    this.pairing());
    this.founder = h('section', { class: 'plate', 'aria-labelledby': 'site-found',
      'data-needs': 'administer', hidden: true },
    h('h3', { id: 'site-found' }, t('site.found')), h('p', { class: 'hint' }, t('site.found.why')),
    this.founding());
    this.root = h('div', { class: 'plates site' }, h('section', { class: 'plate wide',
      'aria-labelledby': 'site-about' }, h('h3', { id: 'site-about' }, t('site.about')), this.error,
    this.once, this.about), this.nodes, this.inviter, this.joiner, this.founder);
  }

  title() {
    return t('site.title');
  }

  open() {
    this.ask();
    this.timer = setInterval(() => this.ask(), ASK_EVERY_MS);
  }

  close() {
    this.isClosed = true;
    clearInterval(this.timer);
    // Keys are shown once: they must not stay on a screen that others see.
    this.once.replaceChildren();
    this.made?.replaceChildren();
  }

  async ask() {
    try {
      const [site, travel] = await Promise.all([getSite(), getSync()]);
      if (this.isClosed) return;
      setShown(this.error, false);
      this.show(site, travel);
    } catch (error) {
      if (!this.isClosed) this.fail(error);
    }
  }

  fail(error) {
    setText(this.error, refusalText(error));
    setShown(this.error, true);
  }

  show(site, travel) {
    const belongs = Boolean(site.site);
    for (const part of [this.nodes, this.inviter]) setShown(part, belongs);
    for (const part of [this.joiner, this.founder]) setShown(part, !belongs);
    setContent(this.about, JSON.stringify([site, travel]), () => (belongs
      ? facts([[t('site.name'), site.name], [t('site.id'), h('code', {}, site.site)],
        [t('site.reached'), travel.listening.join(', ') || t('site.nowhere')],
        travel.waiting > 0 ? [t('site.waiting'), t('site.records', { count: travel.waiting })]
          : null,
        travel.conflicts > 0 ? [t('site.strange'), t('site.strange.why')] : null])
      : [h('p', {}, t('site.none'))]));
    setContent(this.list, JSON.stringify([site, travel]), () => rows(site, travel).map((row) =>
      this.row(row)));
  }

  row({ member, peer }) {
    const name = nameOf(member, peer);
    const mayTake = member && !member.isSelf && member.scopes.length > 0;
    return h('li', { 'data-node': member?.node ?? peer.url },
      h('p', { class: 'person' }, h('strong', {}, name),
        member?.isSelf ? h('span', { class: 'role' }, t('site.self'))
          : h('span', { class: 'role', 'data-state': peer?.state ?? 'absent' },
            t(`peer.${peer?.state ?? 'absent'}`))),
      peer ? h('p', { class: 'about' }, travelText(peer)) : null,
      h('p', { class: 'about' }, [peer?.url, member && (member.scopes.length
        ? member.scopes.map((scope) => t(`scope.${scope}`)).join(', ') : t('site.rights.none'))]
        .filter(Boolean).join(' · ')),
      mayTake ? h('button', { type: 'button', class: 'plain grave', 'data-needs': 'administer',
        onclick: () => this.revoke(member, name) }, t('site.revoke'),
      h('span', { class: 'unseen' }, ` ${name}`)) : null);
  }

  async revoke({ node }, name) {
    if (!await confirm(t('site.revoke.why', { name }), t('site.revoke'))) return;
    try {
      await revokePeer(node);
      await this.ask();
      document.getElementById('site-nodes')?.focus();
      this.context.announce(t('site.revoked', { name }));
    } catch (error) {
      this.fail(error);
    }
  }

  invitation() {
    this.made = h('div', {});
    const address = new Field('url', t('site.address'), { required: false, inputmode: 'url',
      spellcheck: 'false', maxlength: URL_LENGTH_MAX }, t('site.address.hint'));
    const sheet = new Sheet([address], t('site.invite.make'), async ({ url }) => {
      this.showInvitation(await inviteNode(url ? { url } : {}));
    }, { places: { 'peer.bad-url': 'url', 'sync.no-address': 'url' } });
    return h('div', {}, this.made, sheet.root);
  }

  showInvitation(made) {
    const box = (words, value) => h('label', { class: 'field' }, words, h('input', { type: 'text',
      readonly: true, class: 'code', value, onfocus: ({ target }) => target.select() }));
    this.made.replaceChildren(h('div', { class: 'question invitation', role: 'group',
      'aria-label': t('site.invite') },
    h('p', { role: 'status' }, t('site.invite.holds', { minutes: Math.round(made.seconds / 60) })),
    made.qr ? qrCode(made.qr) : null, box(t('site.key'), made.key),
    box(t('site.address'), made.url), box(t('site.link'), made.link),
    h('div', { class: 'answers' }, h('button', { type: 'button', class: 'plain', onclick: () => {
      this.made.replaceChildren();
    } }, t('site.hide')))));
  }

  pairing() {
    const address = new Field('url', t('site.address'), { required: false, inputmode: 'url',
      spellcheck: 'false', maxlength: URL_LENGTH_MAX }, t('site.join.address'));
    const key = new Field('key', t('site.key'), { spellcheck: 'false', autocapitalize: 'characters',
      maxlength: URL_LENGTH_MAX + 100 }, t('site.join.key'));
    const places = { 'peer.bad-url': 'url', 'pairing.unreachable': 'url',
      'pairing.wrong-pin': 'url', 'pairing.untrusted': 'url', 'pairing.no-tls': 'url',
      'pairing.needs-tls': 'url',
      'pairing.wrong-key': 'key', 'pairing.used': 'key', 'pairing.expired': 'key' };
    this.pair = new Sheet([address, key], t('site.join.do'), async ({ url, key: typed }) => {
      const paired = await pairNode(url ? { url, key: typed } : { key: typed });
      this.pair.clear();
      this.context.announce(t('site.joined', { name: paired.site.name }));
      if (paired.isClockApart) {
        this.once.replaceChildren(h('p', { class: 'why' }, t('problem.pairing.clock')));
      }
      await this.ask();
    }, { places });
    return this.pair.root;
  }

  founding() {
    const name = new Field('name', t('site.name'), {}, t('site.name.hint'));
    return new Sheet([name], t('site.found.do'), async ({ name: typed }) => {
      const made = await addSite({ name: typed });
      const input = h('input', { type: 'text', readonly: true, class: 'code', value: made.siteKey,
        'aria-label': t('site.founded'), onfocus: () => input.select() });
      this.once.replaceChildren(h('div', { class: 'question', role: 'group',
        'aria-label': t('site.founded') },
      h('p', {}, t('site.once')), input,
      h('div', { class: 'answers' }, h('button', { type: 'button', class: 'plain', onclick: () => {
        this.once.replaceChildren();
      } }, t('tokens.kept')))));
      await this.ask();
      input.focus();
    }, { kind: 'plain' }).root;
  }
}

/** Members with how records travel to them; then addresses that have not answered yet. */
function rows(site, travel) {
  const byNode = new Map(travel.peers.filter(({ node }) => node).map((peer) => [peer.node, peer]));
  return [...site.members.map((member) => ({ member, peer: byNode.get(member.node) })),
    ...travel.peers.filter(({ node }) => !node).map((peer) => ({ member: null, peer }))];
}

function nameOf(member, peer) {
  return member?.label || member?.node.slice(0, ID_DIGITS) || peer.url;
}

function facts(pairs) {
  return [h('dl', { class: 'site-facts' }, ...pairs.filter(Boolean).flatMap(([name, value]) =>
    [h('dt', {}, name), h('dd', {}, value)]))];
}

/** When a peer was heard, and what waits. */
function travelText(peer) {
  const words = [];
  if (peer.code) words.push(has(`peer.${peer.code}`) ? t(`peer.${peer.code}`) : peer.code);
  if (peer.lastContactSeconds !== undefined && peer.lastContactSeconds !== null) {
    words.push(t('site.heard', { seconds: peer.lastContactSeconds }));
  }
  if (peer.backlogRecords > 0) {
    const size = peer.backlogBytes > 0 ? ` (${bytes(peer.backlogBytes)})` : '';
    words.push(t('site.tosend', { count: peer.backlogRecords }) + size);
  }
  if (peer.missingRecords > 0) words.push(t('site.tocome', { count: peer.missingRecords }));
  return words.join(' · ');
}
