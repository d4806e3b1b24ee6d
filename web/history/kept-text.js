// How long readings are kept, in words.

import { t } from '../text.js';

/** The units of an age, as the daemon writes them. */
export const AGES = ['h', 'd', 'w', 'y'];

/** A whole rule in words. */
export function keptText({ raw, minutes, quota }) {
  return [[t('history.keep.raw'), raw], [t('history.keep.minutes'), minutes],
    [t('history.keep.quota'), quota]].filter(([, limit]) => limit !== undefined)
    .map(([words, limit]) => `${words}: ${limitText(limit)}`).join(' · ');
}

/** An age or a size in the reader's words. */
export function limitText(text) {
  const [, count, unit] = /^(\d+)([A-Za-z]+)$/.exec(text) ?? [];
  if (!unit) return t(`history.keep.limit.${text}`);
  return AGES.includes(unit) || unit === 'min' ? t(`history.keep.age.${unit}`, { count })
    : `${count}\u00a0${unit}`;
}
