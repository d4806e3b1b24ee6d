// What a setting was set to, in words: beside a choice between values, and before one is given back.

import { conditionText, severityText } from '../alarms/words.js';
import { keptText } from '../history/kept-text.js';
import { has, t } from '../text.js';
import { roleText } from './authors.js';

/** A device as people call it; nothing for none. */
export const titleOf = (devices, id) => (id ? devices.get(id)?.title ?? id : '');

/** What a value says, of a conflict or of an entry of the audit. */
export function valueText(devices, { what, parameters, rule, keeps, recipient, removed }) {
  if (removed) return t('conflict.removed');
  if (rule) {
    return [rule.name, titleOf(devices, rule.device), rule.channel, conditionText(rule),
      severityText(rule.severity), rule.enabled === false ? t('rule.off') : '']
      .filter(Boolean).join(' · ');
  }
  if (keeps) return keptText(keeps) || t('conflict.default');
  if (recipient) {
    return [recipient.name, recipient.way, severityText(recipient.severity),
      recipient.enabled === false ? t('recipient.off') : ''].filter(Boolean).join(' · ');
  }
  if (parameters.role) return roleText(parameters.role);
  const { value } = parameters;
  if (what === 'device.assigned') return titleOf(devices, value);
  return has(`kind.${value}`) ? t(`kind.${value}`) : value ?? t('conflict.unknown');
}
