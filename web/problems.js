// What the daemon refuses or complains of, by its code, in the reader's language; its own English
// sentence where the page has none, or where one of its values is missing.

import { has, t } from './text.js';

/** Parameters that count something, and are written as the language writes numbers. */
const COUNTS = ['count', 'readings'];

function worded(parameters = {}) {
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) =>
    [name, COUNTS.includes(name) && /^\d{1,15}$/.test(value) ? Number(value) : value]));
}

/** What is wrong, and what to do, as a sentence. */
export function problemText(problem) {
  const { code, parameters } = problem;
  for (const key of [`problem.${code}.${parameters?.reason}`, `problem.${code}`,
    `problem.${code}.bare`]) {
    if (!has(key)) continue;
    const words = t(key, worded(parameters));
    if (!/\{\w+\}/.test(words)) return words;
  }
  return [problem.detail || problem.code, problem.remedy].filter(Boolean).map(sentence).join(' ');
}

/** A sentence begins with a capital and ends with a mark. */
function sentence(text) {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}

/** What failed, when something was asked of the daemon. */
export function refusalText(error) {
  return error.problem ? problemText(error.problem) : t('problem.offline');
}
