// Who did something, and when, in words.

import { dateTime } from '../history/dates.js';
import { has, t } from '../text.js';

/** The author of a record: a person by name, a program by its token, this machine, or its alarms. */
export function authorText(author) {
  const [, kind, name] = /^(user|token|local|alarm):(.*)$/s.exec(author ?? '') ?? [];
  if (kind === 'user') return name;
  if (kind) return t(`author.${kind}`, { name });
  return author ?? '';
}

/** A time by the clock of the node then, marked where nobody vouched for that. */
export function timeText(atUs, isTrusted) {
  return `${isTrusted ? '' : '≈\u00a0'}${dateTime(atUs / 1000, '')}`;
}

/** The last change of something: who made it, and when. */
export function lastChange({ author, atUs, trusted }) {
  return t('author.last', { author: authorText(author), time: timeText(atUs, trusted) });
}

/** A role as people call it; of a newer one its own name. */
export function roleText(role) {
  return has(`role.${role}`) ? t(`role.${role}`) : role;
}

/** What a program may do, as people call it. */
export function permissionsText(permissions) {
  return permissions.map((one) => (has(`right.${one}`) ? t(`right.${one}`) : one)).join(', ');
}
