// What the daemon refuses or complains of, by its code, in the reader's language; its own English
// sentence where the page has none.

import { has, t } from './text.js';

/** Codes whose sentence has a form without one of its parameters. */
const WITHOUT = {
  'port.held': 'holder', 'config.unknown-key': 'meant', 'config.not-a-choice': 'meant',
  'config.bad-path': 'max',
};

/** What is wrong, and what to do, as sentences. */
export function problemText(problem) {
  const parameters = problem.parameters ?? {};
  const absent = WITHOUT[problem.code];
  const code = absent && !parameters[absent] ? `${problem.code}.bare` : problem.code;
  const sentences = [];
  if (has(`problem.${code}`)) sentences.push(t(`problem.${code}`, parameters));
  else sentences.push(problem.detail || problem.code);
  if (has(`remedy.${code}`)) sentences.push(t(`remedy.${code}`, parameters));
  else if (problem.remedy) sentences.push(problem.remedy);
  return sentences.map(sentence).join(' ');
}

/** A sentence begins with a capital and ends with a mark. */
function sentence(text) {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}

/** What failed, when something was asked of the daemon. */
export function refusalText(error) {
  if (error.problem) return problemText(error.problem);
  return t('problem.offline');
}
