// The orders a device takes, each with what was asked last and what the board reports.

import { h, setAttribute, setContent, setShown, setText } from './dom.js';
import { figure, has, t, timeOfDay } from './text.js';
import { toWallMs } from './clock.js';
import { sendCommand } from './api.js';
import { refusalText } from './problems.js';
import { unit } from './units.js';

const LEASE_DEFAULT_S = 60;
const LEASE_MAX_S = 86_400;
const FINAL = new Set(['acked', 'failed', 'refused', 'unknown', 'cancelled']);

export class Commands {
  constructor(device, announce) {
    this.device = device;
    this.announce = announce;
    this.rows = new Map();
    this.list = h('div', { class: 'commands' });
    this.root = h('details', { class: 'fold', open: true },
      h('summary', {}, t('commands.title')),
      h('p', { class: 'hint commands-may', 'data-lacks': 'operate' }, t('commands.may')), this.list);
  }

  update() {
    const { commands } = this.device.view;
    setShown(this.root, commands.length > 0);
    setContent(this.list, JSON.stringify(commands), () => {
      this.rows.clear();
      // Many orders would push everything else off the screen: they open when asked for.
      if (commands.length > 3 || !this.device.isPresent) this.root.open = false;
      return commands.map((command) => this.makeRow(command));
    });
    for (const [name, row] of this.rows) this.fill(name, row);
  }

  makeRow(command) {
    const row = {
      inputs: command.arguments.map((argument) => argumentInput(argument)),
      asked: h('span', { class: 'asked' }), reported: h('span', { class: 'reported' }),
      error: h('p', { class: 'error', role: 'alert', hidden: true }), busy: false,
    };
    row.button = h('button', { type: 'submit', class: 'act', 'data-needs': 'operate' }, t('commands.send'),
      h('span', { class: 'unseen' }, ` ${command.name}`));
    row.lease = command.takesLease
      ? h('input', { type: 'number', min: 0, max: LEASE_MAX_S, value: LEASE_DEFAULT_S, step: 1 })
      : null;
    row.root = h('form', { class: 'command', 'data-command': command.name,
      'aria-label': command.name, novalidate: true, onsubmit: (event) => {
        event.preventDefault();
        this.send(command, row);
      } },
    h('span', { class: 'command-name' }, command.name),
    ...row.inputs.map(({ label, input }) => h('label', { 'data-needs': 'operate' },
      h('span', {}, label), input)),
    row.lease ? h('label', { 'data-needs': 'operate', title: t('commands.lease.why') },
      h('span', {}, t('commands.lease')), row.lease) : null,
    row.button,
    h('p', { class: 'outcome' }, row.asked, row.reported), row.error);
    this.rows.set(command.name, row);
    return row.root;
  }

  async send(command, row) {
    if (row.busy) return;
    setShown(row.error, false);
    const request = { name: command.name, arguments: [] };
    for (const { input, isText } of row.inputs) {
      const value = input.value.trim();
      if (value === '' && !isText) {
        this.refuse(row, t('commands.missing'), input);
        return;
      }
      request.arguments.push(isText ? input.value : value.replace(',', '.').replace('\u2212', '-'));
    }
    if (row.lease) {
      const seconds = Number(row.lease.value);
      if (!Number.isInteger(seconds) || seconds < 0 || seconds > LEASE_MAX_S) {
        this.refuse(row, t('commands.lease.wrong', { count: LEASE_MAX_S }), row.lease);
        return;
      }
      request.leaseMs = seconds * 1000;
    }
    row.busy = true;
    row.said = this.device.commands.get(command.name)?.id;
    setAttribute(row.button, 'aria-disabled', true);
    try {
      this.take(await sendCommand(this.device.id, request), row);
    } catch (error) {
      this.refuse(row, refusalText(error), null);
    }
    row.busy = false;
    setAttribute(row.button, 'aria-disabled', null);
  }

  refuse(row, words, input) {
    setText(row.error, words);
    setShown(row.error, true);
    input?.focus();
  }

  take(command, row) {
    const before = this.device.commands.get(command.name);
    // The feed may have been faster than the answer, and than the drawing of what went before.
    const isOver = before?.id === command.id && FINAL.has(before.state);
    if (isOver && row.said !== command.id) row.awaited = command.id;
    if (!isOver) this.device.takeCommand(command);
    this.update();
  }

  fill(name, row) {
    const command = this.device.commands.get(name);
    setAttribute(row.root, 'data-command-state', command?.state ?? null);
    setText(row.asked, command ? askedText(command) : t('commands.never'));
    const channel = this.device.view.channels.find((each) => each.key === name);
    const value = channel?.last && `${figure(channel.last.value)} ${unit(channel.unit)}`.trim();
    setText(row.reported, value ? t('commands.reported', { value }) : '');
    if (!command || !FINAL.has(command.state)) {
      row.awaited = command?.id;
    } else if (row.awaited === command.id) {
      row.awaited = null;
      row.said = command.id;
      this.announce(`${this.device.title}: ${askedText(command)}`);
    }
  }
}

function argumentInput(argument) {
  const isText = argument.endsWith(':text');
  const label = isText ? argument.slice(0, -5) : argument;
  if (label === 'on' && !isText) {
    const input = h('select', { 'aria-label': label },
      h('option', { value: '1' }, t('commands.on')),
      h('option', { value: '0' }, t('commands.off')));
    return { label: '', input, isText };
  }
  const input = h('input', {
    type: 'text', inputmode: isText ? 'text' : 'decimal', autocomplete: 'off', maxlength: 200,
    'aria-label': label,
  });
  return { label, input, isText };
}

/** What was asked, and how it went: `led 1: refused, the device runs another one · 12:04:05`. */
function askedText(command) {
  const order = [command.name, ...command.arguments].join(' ');
  let state = t(`command.${command.state}`);
  if (command.reason && command.reason !== command.state) {
    const key = `reason.${command.reason}`;
    state += `, ${has(key) ? t(key) : command.reason}`;
  }
  if (command.value) { // 0 is what a board gives back that has nothing to say
    state += `, ${t('commands.value', { value: figure(String(command.value)) })}`;
  }
  const time = timeOfDay(toWallMs(command.issuedUs / 1000));
  return t('commands.asked', { order, state, time });
}
