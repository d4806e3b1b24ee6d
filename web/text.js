// Words in the reader's language, from the message files; numbers, spans and times in its form.

const LANGUAGES = ['en', 'fr'];
const STORED = 'bivouac.language';

let language = 'en';
let messages = {};
let fallback = {};
let plural = new Intl.PluralRules('en');
const files = {};

async function file(name) {
  if (!files[name]) {
    const answer = await fetch(`web/messages/${name}.json`);
    if (!answer.ok) throw new Error(`messages/${name}.json: ${answer.status}`);
    files[name] = await answer.json();
  }
  return files[name];
}

function stored() {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null; // a browser that keeps nothing: its own language then
  }
}

/** The language a reader chose, or the first of the browser's that there is. */
export function preferredLanguage() {
  const chosen = stored();
  if (LANGUAGES.includes(chosen)) return chosen;
  for (const wanted of navigator.languages ?? []) {
    const short = wanted.slice(0, 2).toLowerCase();
    if (LANGUAGES.includes(short)) return short;
  }
  return 'en';
}

/** Loads a language; `isChosen` when a person asked for it, so that it is remembered. */
export async function useLanguage(name, isChosen = false) {
  const found = await file(name);
  fallback = name === 'en' ? found : fallback;
  messages = found;
  language = name;
  plural = new Intl.PluralRules(name);
  document.documentElement.lang = name;
  if (!isChosen) return;
  try {
    localStorage.setItem(STORED, name);
  } catch {
    // nothing is kept here: the choice holds until the page closes
  }
}

export function currentLanguage() {
  return language;
}

/** Whether there is a message of that key. */
export function has(key) {
  return Object.hasOwn(messages, key);
}

/** A message, with `{name}` replaced; `count` picks `key.one` or `key.other`. */
export function t(key, parameters = {}) {
  let found = messages[key];
  if (found === undefined && parameters.count !== undefined) {
    const form = plural.select(Number(parameters.count));
    found = messages[`${key}.${form}`] ?? messages[`${key}.other`];
  }
  if (found === undefined) return fallback[key] ?? key;
  return found.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = parameters[name];
    if (value === undefined || value === '') return whole;
    return typeof value === 'number' ? wholeNumber(value) : value;
  });
}

/** A whole number, grouped. */
export function wholeNumber(value) {
  return new Intl.NumberFormat(language, { maximumFractionDigits: 0 }).format(value);
}

/** A large number in short, to so many digits: `1.25M`, `1,25 M`; beyond words in powers of ten. */
export function compact(value, digits) {
  return new Intl.NumberFormat(language, {
    notation: Math.abs(value) < 1e15 ? 'compact' : 'scientific', maximumSignificantDigits: digits,
  }).format(value).replace('-', '\u2212');
}

/** A number with fixed decimals. */
export function fixed(value, decimals) {
  return new Intl.NumberFormat(language, {
    minimumFractionDigits: decimals, maximumFractionDigits: decimals,
  }).format(value);
}

/** A value as a board gave it: its own decimals, the reader's decimal sign. */
export function figure(text) {
  if (!/^-?\d+(\.\d+)?$/.test(text)) return text.replace(/^-/, '\u2212');
  const [integer, fraction] = text.replace('-', '').split('.');
  const isLong = integer.length > 4;
  const space = language === 'fr' ? '\u202f' : ',';
  const grouped = isLong ? integer.replace(/\B(?=(\d{3})+$)/g, space) : integer;
  const sign = text.startsWith('-') ? '\u2212' : '';
  return sign + grouped + (fraction ? (language === 'fr' ? ',' : '.') + fraction : '');
}

/** Bytes as people say them. */
export function bytes(count) {
  const units = language === 'fr' ? ['o', 'ko', 'Mo', 'Go', 'To'] : ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = count;
  let step = 0;
  while (value >= 1000 && step < units.length - 1) {
    value /= 1000;
    step += 1;
  }
  return `${step === 0 || value >= 100 ? wholeNumber(value) : fixed(value, 1)}\u00a0${units[step]}`;
}

/** A span of time: `12 s`, `3 min`, `2 h 5 min`, `4 d`. */
export function span(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s}\u00a0s`;
  if (s < 3600) return `${Math.floor(s / 60)}\u00a0min`;
  const day = language === 'fr' ? 'j' : 'd';
  if (s < 86400) {
    const minutes = Math.floor((s % 3600) / 60);
    return `${Math.floor(s / 3600)}\u00a0h` + (minutes ? ` ${minutes}\u00a0min` : '');
  }
  const hours = Math.floor((s % 86400) / 3600);
  return `${Math.floor(s / 86400)}\u00a0${day}` + (hours ? ` ${hours}\u00a0h` : '');
}

const clocks = {};

/** A form of dates and times in the language; made once. */
export function clock(options) {
  const key = language + JSON.stringify(options);
  clocks[key] ??= new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', options);
  return clocks[key];
}

/** Hours, minutes and seconds of a time in milliseconds since 1970. */
export function timeOfDay(ms) {
  return clock({ hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(ms);
}

/** Hours and minutes. */
export function hourMinute(ms) {
  return clock({ hour: '2-digit', minute: '2-digit' }).format(ms);
}

/** A time with its day when that is not today. */
export function moment(ms, nowMs = Date.now()) {
  const isToday = new Date(ms).toDateString() === new Date(nowMs).toDateString();
  if (isToday) return hourMinute(ms);
  return clock({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).format(ms);
}

/** Fills in every element of a part of the page that names its message. */
export function translate(root) {
  for (const element of root.querySelectorAll('[data-t]')) {
    element.textContent = t(element.dataset.t);
  }
  for (const element of root.querySelectorAll('[data-t-label]')) {
    element.setAttribute('aria-label', t(element.dataset.tLabel));
  }
}
