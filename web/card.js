// A device's card. It keeps its place for as long as the page is open.

import { h, setAttribute, setShown, setText } from './dom.js';
import { has, span, t } from './text.js';
import { putName } from './api.js';
import { refusalText } from './problems.js';
import { Channels } from './channels.js';
import { Chart, PLOTS_MAX } from './chart.js';
import { Commands } from './commands.js';
import { Line } from './line.js';
import { Questions } from './questions.js';

/** A name's limit is in bytes; the daemon refuses what is longer. */
const NAME_LENGTH_MAX = 64;
const FIRST_LINES = 3;
/** From this many channels on a card is wide where there is room. */
const WIDE_FROM = 10;

export class Card {
  constructor(device, context) {
    this.device = device;
    this.context = context;
    this.isVisible = false;
    device.selection ??= new Map();
    this.selection = device.selection;
    this.title = h('span', { class: 'title' });
    this.state = h('span', { class: 'state-word' });
    this.marks = h('span', { class: 'badges' });
    this.about = h('p', { class: 'about' });
    this.questions = new Questions(device, context.questionsOf, context.refresh);
    this.channels = new Channels(device, this.selection, (key) => this.toggle(key));
    this.chart = new Chart(device, this.selection, () => device.minutes ?? 10, (minutes) => {
      device.minutes = minutes;
    });
    this.commands = new Commands(device, context.announce);
    this.line = new Line(device);
    this.root = this.make();
  }

  make() {
    const headingId = `device-${this.context.nextNumber()}`;
    this.rename = h('button', { type: 'button', class: 'rename', 'data-needs': 'operate',
      onclick: () => this.edit() },
      h('span', { 'aria-hidden': true }, '✎'), h('span', { class: 'unseen' }, t('name.change')));
    this.heading = h('div', { class: 'heading' },
      h('h2', { id: headingId }, this.title), this.rename);
    this.simulated = h('span', { class: 'badge', title: t('simulated.why') }, t('simulated'));
    this.provisional = h('span', { class: 'badge', title: t('provisional.why') }, t('provisional'));
    this.conflict = h('a', { class: 'badge conflict', href: '#/conflicts' }, t('conflict.mark'));
    this.marks.append(this.simulated, this.provisional, this.conflict);
    this.rule = h('p', { class: 'card-link', 'data-needs': 'administer' },
      h('a', { href: `#/alarms?device=${encodeURIComponent(this.device.id)}` }, t('rules.of'),
        h('span', { class: 'unseen' }, ` ${this.device.title}`)));
    return h('article', { class: 'card', 'data-device': this.device.id,
      'aria-labelledby': headingId },
    h('header', {}, this.heading,
      h('p', { class: 'state' }, h('span', { class: 'lamp', 'aria-hidden': true }), this.state),
      this.about, this.marks),
    this.questions.root, this.channels.root, this.chart.root,
    h('div', { class: 'folds' }, this.commands.root, this.chart.table, this.line.link,
      this.line.log, this.rule));
  }

  close() {
    this.chart.close();
    this.root.remove();
  }

  /** Shows what changed; returns whether it wants to be called again soon. */
  update() {
    const { view } = this.device;
    setAttribute(this.root, 'data-state', view.state);
    setAttribute(this.root, 'data-wide', isWide(view));
    setText(this.title, this.device.title);
    setShown(this.simulated, view.simulated);
    setShown(this.provisional, view.provisional);
    const isDisputed = this.context.conflicts.has(this.device.id);
    setShown(this.conflict, isDisputed);
    setShown(this.rule, !view.id.startsWith('port-'));
    setShown(this.marks, view.simulated || view.provisional || isDisputed);
    this.updateState();
    setText(this.about, aboutText(this.device));
    this.select();
    this.questions.update();
    this.channels.update();
    this.commands.update();
    this.line.update();
    return this.chart.update();
  }

  updateAges() {
    this.channels.updateAges();
    this.chart.updateSince();
    this.updateState();
  }

  updateState() {
    const { view, saidMs } = this.device;
    let words = t(`state.${view.state}`);
    if (view.gateway) words = t('state.elsewhere.at', { gateway: view.gateway });
    if (view.state === 'quiet' && view.heardAgoMs !== undefined) {
      const agoS = (view.heardAgoMs + performance.now() - saidMs) / 1000;
      words = t('state.quiet.since', { span: span(agoS) });
    }
    setText(this.state, words);
  }

  /** At first the lines of the first measurement's unit are on. */
  select() {
    if (this.selection.size || this.device.isSelected) return;
    const drawn = this.device.view.channels.filter((channel) => channel.kind !== 'text');
    const first = drawn.find((channel) => channel.kind === 'measurement') ?? drawn[0];
    if (!first) return;
    this.device.isSelected = true;
    drawn.filter((channel) => channel.unit === first.unit && channel.kind === first.kind)
      .slice(0, FIRST_LINES).forEach((channel, i) => this.selection.set(channel.key, i));
  }

  toggle(key) {
    if (!this.selection.delete(key)) {
      this.selection.set(key, this.freeColour());
      this.dropOldestUnit(key);
    }
    this.chart.drawnMs = 0;
    this.update();
  }

  freeColour() {
    const taken = new Set(this.selection.values());
    let colour = 0;
    while (taken.has(colour)) colour += 1;
    return colour;
  }

  /** There is room for so many units: the one chosen longest ago makes room for the newest. */
  dropOldestUnit(newest) {
    const unitOf = new Map(this.device.view.channels.map(({ key, unit }) => [key, unit]));
    const units = new Set([...this.selection.keys()].map((key) => unitOf.get(key)));
    if (units.size <= PLOTS_MAX) return;
    const [oldest] = [...units].filter((unit) => unit !== unitOf.get(newest));
    for (const key of [...this.selection.keys()]) {
      if (unitOf.get(key) === oldest) this.selection.delete(key);
    }
  }

  /** Turns the name into a field, in its place. */
  edit() {
    const input = h('input', { type: 'text', maxlength: NAME_LENGTH_MAX, autocomplete: 'off',
      'aria-label': t('name.label'), value: this.device.view.name ?? '' });
    const error = h('p', { class: 'error', role: 'alert', hidden: true });
    const leave = () => {
      form.replaceWith(this.heading);
      this.rename.focus();
    };
    const form = h('form', { class: 'naming', novalidate: true,
      onsubmit: async (event) => {
        event.preventDefault();
        try {
          const name = input.value.trim();
          this.context.takeDevice(await putName(this.device.id, name === '' ? null : name));
          leave();
        } catch (refusal) {
          setText(error, refusalText(refusal));
          setShown(error, true);
          input.focus();
        }
      },
      onkeydown: (event) => {
        if (event.key === 'Escape') leave();
      } },
    input, h('button', { type: 'submit', class: 'act' }, t('name.save')),
    h('button', { type: 'button', class: 'plain', onclick: leave }, t('name.cancel')), error);
    this.heading.replaceWith(form);
    input.focus();
    input.select();
  }
}

/** Whether there is much to show. */
export function isWide(view) {
  return view.channels.length >= WIDE_FROM && view.channels.some((channel) => channel.last);
}

function aboutText({ view, title }) {
  const kind = has(`kind.${view.kind}`) ? t(`kind.${view.kind}`) : view.kind;
  const model = [view.model, view.firmware].filter(Boolean).join(' ');
  const parts = [model || kind, view.node, view.id].filter((part) => part && part !== title);
  return [...new Set(parts)].join(' · ');
}
