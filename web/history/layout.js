// Which line goes on which chart and axis, what it is called, and what is drawn behind it.

import { unit } from '../units.js';
import { figure } from '../text.js';
import { leftOut } from './calendar.js';
import { isSame, keyOf } from './state.js';

const AXES_MAX = 2;
const DECIMALS_MAX = 6;
/** Readings looked at to learn how many decimals a channel has. */
const LOOK_AT = 64;

/** Every channel that is on, in its order, with its line where that is there. */
export function membersOf(state, traces, known, devices) {
  const isOne = new Set(state.series.map(({ device }) => device)).size === 1;
  return state.series.map((one, colour) => {
    const trace = traces.get(keyOf(one));
    const found = known.find((each) => isSame(each, one));
    const device = devices.get(one.device);
    const channel = device?.view.channels.find(({ key }) => key === one.channel);
    const deviceName = device?.title ?? one.device;
    return {
      ...one, key: keyOf(one), colour, trace,
      title: `${deviceName} · ${one.channel}`, name: isOne ? one.channel
        : `${deviceName} · ${one.channel}`,
      unit: trace?.unit ?? found?.unit ?? channel?.unit ?? '',
      kind: found?.kind ?? channel?.kind ?? 'measurement',
      ends: [channel?.low, channel?.high],
      decimals: channel?.last ? decimalsOf(channel.last.value) : traceDecimals(trace),
    };
  });
}

/** One chart with an axis for each unit while two suffice; else a chart for each unit. */
export function layOut(members) {
  const units = [...new Set(members.map((member) => member.unit))];
  if (!units.length) return [];
  if (units.length <= AXES_MAX) {
    return [members.map((member) => ({ ...member, axis: units.indexOf(member.unit) }))];
  }
  return units.map((code) => members.filter((member) => member.unit === code)
    .map((member) => ({ ...member, axis: 0 })));
}

/** What is drawn behind the lines of one chart. */
export function overlayFor(group, state, members, fromMs, toMs) {
  const limits = [];
  for (const member of group) {
    const of = (value, isSet) => ({
      value, axis: member.axis, colour: member.colour, isSet,
      text: `${member.name} ${figure(String(value))} ${unit(member.unit)}`.trim(),
    });
    for (const each of state.limits) {
      if (members[each.at]?.key === member.key) limits.push(of(each.value, true));
    }
    for (const end of member.ends) if (end !== undefined) limits.push(of(Number(end), false));
  }
  const doubts = group.map(({ trace }) => trace.doubts(fromMs, toMs));
  return {
    limits, shades: leftOut(state, fromMs, toMs),
    boundMs: Math.max(0, ...doubts.map(({ boundMs }) => boundMs)),
    doubts: doubts.flatMap(({ spans }) => spans),
  };
}

function decimalsOf(text) {
  return Math.min(DECIMALS_MAX, text.includes('e') ? 0 : text.split('.')[1]?.length ?? 0);
}

function traceDecimals(trace) {
  if (!trace) return 0;
  const ends = trace.bands.slice(0, LOOK_AT).flatMap(([low, , high]) => [low, high]);
  return Math.max(0, ...ends.map((value) => decimalsOf(String(value))));
}
