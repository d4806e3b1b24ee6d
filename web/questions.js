// What only a person can say of a device, asked and answered on its card.

import { h, setContent, setShown, setText } from './dom.js';
import { has, t } from './text.js';
import { answerQuestion, openDevice } from './api.js';
import { problemText, refusalText } from './problems.js';

export class Questions {
  constructor(device, getQuestions, onDone) {
    this.device = device;
    this.getQuestions = getQuestions;
    this.onDone = onDone;
    this.problem = h('p', { class: 'problem' });
    this.asked = h('div', { class: 'asked-list' });
    this.root = h('div', { class: 'attention' }, this.problem, this.asked);
  }

  update() {
    const { view } = this.device;
    const isClosed = isLeftClosed(view);
    const words = view.problem && !isClosed ? problemText(view.problem) : '';
    setShown(this.problem, words !== '');
    setText(this.problem, words);
    const questions = this.getQuestions(view);
    setContent(this.asked, JSON.stringify([isClosed, questions.map(({ id }) => id)]), () => [
      ...(isClosed ? [this.openForm()] : []), ...questions.map((each) => this.questionForm(each)),
    ]);
    setShown(this.asked, isClosed || questions.length > 0);
    setShown(this.root, words !== '' || isClosed || questions.length > 0);
  }

  questionForm(question) {
    const port = this.device.view.node ?? question.parameters.port ?? question.device;
    const parameters = { identity: question.device, ...question.parameters, port };
    const isShared = question.kind === 'same-identity' && !question.parameters.identity;
    const key = `question.${question.kind}${isShared ? '.shared' : ''}`;
    const words = has(key) ? t(key, parameters) : question.text;
    const error = h('p', { class: 'error', role: 'alert', hidden: true });
    const buttons = question.answers.map((answer) => h('button', {
      type: 'button', class: 'act', 'data-answer': answer,
      onclick: () => this.perform(error, () => answerQuestion(question.id, answer)),
    }, answerText(question.kind, answer)));
    return h('div', { class: 'question', role: 'group', tabindex: -1,
      'data-question': question.kind,
      'aria-label': t('questions.title') },
    h('p', {}, words), h('div', { class: 'answers', 'data-needs': 'operate' }, ...buttons),
    this.lacking(), error);
  }

  openForm() {
    const { view } = this.device;
    const always = h('input', { type: 'checkbox' });
    const error = h('p', { class: 'error', role: 'alert', hidden: true });
    return h('div', { class: 'question', role: 'group', tabindex: -1,
      'data-question': 'open',
      'aria-label': t('questions.title') },
    h('p', {}, t('open.why', { port: view.node ?? view.id })),
    h('div', { class: 'answers', 'data-needs': 'operate' },
      h('button', { type: 'button', class: 'act',
        onclick: () => this.perform(error, () => openDevice(view.id, always.checked)) },
      t('open.button')),
      h('label', { class: 'check' }, always, h('span', {}, t('open.always')))),
    this.lacking(), error);
  }

  lacking() {
    return h('p', { class: 'hint', 'data-lacks': 'operate' }, t('questions.may'));
  }

  async perform(error, work) {
    setShown(error, false);
    try {
      await work();
      this.onDone();
    } catch (refusal) {
      setText(error, refusalText(refusal));
      setShown(error, true);
    }
  }
}

/** Whether a port waits for a person to say that it may be opened; not one to be left alone. */
export function isLeftClosed(view) {
  return view.state === 'present-not-opened' && view.problem?.code === 'present-not-opened';
}

function answerText(kind, answer) {
  for (const key of [`answer.${kind}.${answer}`, `answer.${answer}`]) if (has(key)) return t(key);
  return answer;
}
