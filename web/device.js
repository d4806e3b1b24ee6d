// One device as this page knows it: what the daemon says of it, and the readings it remembers.

import { takenMs } from './clock.js';
import { Series } from './series.js';

/** Commands remembered of one device: the newest of each name. */
const COMMANDS_MAX = 64;

/** A number that tells one sample from every other of its channel; null without numbering. */
function markOf(reading) {
  if (reading.seq === undefined || reading.seq === null) return null;
  return (reading.epoch % 0x100000) * 0x100000000 + reading.seq;
}

export class Device {
  constructor(view) {
    this.series = new Map();
    this.commands = new Map();
    this.history = new Map(); // how many readings of a channel were asked for
    this.lastMs = null;
    this.take(view);
  }

  get id() {
    return this.view.id;
  }

  get title() {
    const { name, id, node } = this.view;
    // A port that nothing is known of yet is called what the system calls it.
    return name ?? (id.startsWith('port-') && node ? node : id);
  }

  get isPresent() {
    return this.view.state !== 'absent';
  }

  /** Takes what the daemon says now; values that came meanwhile by the feed are newer. */
  take(view) {
    const known = new Map((this.view?.channels ?? []).map((channel) => [channel.key, channel]));
    for (const channel of view.channels) {
      const before = known.get(channel.key)?.last;
      if (before && (!channel.last || isNewer(before, channel.last))) channel.last = before;
      if (channel.last) this.remember(channel.last);
    }
    // A board that is gone has no channels of its own any more: its last values stay, greyed.
    if (!view.channels.length && known.size) view.channels = this.view.channels;
    if (view.log.length === 0 && view.state === 'absent' && this.view) view.log = this.view.log;
    this.view = view;
    this.saidMs = performance.now();
  }

  /** Takes a reading of the feed. */
  takeReading(reading) {
    const channel = this.view.channels.find((each) => each.key === reading.channel);
    if (!channel) return;
    if (!channel.last || !isNewer(channel.last, reading)) channel.last = reading;
    this.remember(reading);
  }

  /** Keeps a reading for the chart. */
  remember(reading) {
    const timeMs = takenMs(reading);
    if (this.lastMs === null || timeMs > this.lastMs) this.lastMs = timeMs;
    if (reading.number === undefined || reading.number === null) return;
    this.seriesOf(reading.channel).add(timeMs, reading.number, markOf(reading));
  }

  seriesOf(channel) {
    let series = this.series.get(channel);
    if (!series) {
      series = new Series();
      this.series.set(channel, series);
    }
    return series;
  }

  /** Takes what is on disk of a channel; `isSettled` once nothing of its end can be missing. */
  takeHistory(channel, readings, isSettled) {
    for (const reading of readings) this.remember(reading);
    const series = this.seriesOf(channel);
    const last = readings.at(-1);
    series.unsureFromMs = isSettled ? null : (last ? takenMs(last) : -Infinity);
    series.version += 1;
  }

  /** Takes where a command stands; older ones of the same name give way. */
  takeCommand(command) {
    const shown = this.commands.get(command.name);
    if (shown && shown.id !== command.id && shown.issuedUs > command.issuedUs) return;
    if (!shown && this.commands.size >= COMMANDS_MAX) return;
    // After a restart the daemon knows a command by what its journal keeps: not its words.
    if (shown?.id === command.id && !command.arguments.length) command.arguments = shown.arguments;
    this.commands.set(command.name, command);
  }
}

function isNewer(a, b) {
  if (a.epoch === b.epoch && a.seq !== undefined && a.seq !== null && b.seq !== undefined) {
    return a.seq > b.seq;
  }
  return a.arrivalUs > b.arrivalUs;
}
