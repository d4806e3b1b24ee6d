// The top of the page: the line to the daemon, its disk and its clock, and what a person should
// know.

import { h, setContent, setShown, setText } from './dom.js';
import { bytes, fixed, moment, span, t } from './text.js';
import { problemText } from './problems.js';

export class NodeHead {
  constructor(onRetry) {
    this.live = document.getElementById('health-live');
    this.storage = document.getElementById('health-storage');
    this.clock = document.getElementById('health-clock');
    this.questions = document.getElementById('health-questions');
    this.notices = document.getElementById('notices');
    this.facts = document.getElementById('node-facts');
    this.details = document.getElementById('node');
    this.retry = document.getElementById('retry');
    this.retry.addEventListener('click', onRetry);
  }

  showLine(isLive, sinceMs) {
    this.isLive = isLive;
    const key = isLive ? 'live' : 'lost';
    if (sinceMs === null && !isLive) this.pill(this.live, 'waiting', t('line.connecting'));
    else this.pill(this.live, key, isLive ? t('line.live') : t('line.lost', {
      time: moment(sinceMs),
    }));
    setShown(this.retry, !isLive && sinceMs !== null);
    // Of the disk and the clock nothing is known meanwhile.
    for (const pill of [this.storage, this.clock]) setShown(pill, isLive && Boolean(this.status));
  }

  pill(element, state, words) {
    if (element.dataset.health !== state) element.dataset.health = state;
    setText(element.querySelector('.words'), words);
  }

  /** Shows what the daemon says of itself. */
  show(status) {
    const isRecording = status.storage.state === 'recording';
    this.status = status;
    this.pill(this.storage, isRecording ? 'live' : 'lost',
      t(isRecording ? 'storage.recording' : 'storage.waiting'));
    this.pill(this.clock, status.clock.trusted ? 'live' : 'waiting',
      t(status.clock.trusted ? 'clock.trusted' : 'clock.untrusted'));
    const problems = [...status.notices];
    if (status.storage.problem) problems.unshift(status.storage.problem);
    const words = problems.map(problemText);
    setContent(this.notices, words.join('\n'), () => words.map((text) => h('li', {}, text)));
    setShown(this.notices, words.length > 0);
    for (const pill of [this.storage, this.clock]) setShown(pill, this.isLive);
    this.showFacts(status);
  }

  showFacts(status) {
    const { storage, clock } = status;
    const facts = [
      [t('fact.version'), status.version],
      [t('fact.node'), status.node],
      [t('fact.running'), t('fact.running.value', { span: span(status.uptimeSeconds) })],
      [t('fact.storage'), t('fact.storage.value', {
        readings: storage.readings, commits: storage.commits, pending: storage.pendingReadings,
      })],
      [t('fact.disk'), storage.databaseBytes === undefined ? '–' : t('fact.disk.value', {
        used: bytes(storage.databaseBytes), free: bytes(storage.freeBytes ?? 0),
      })],
      [t('fact.clock'), clock.trusted && clock.errorUs !== undefined
        ? t('fact.clock.within', { ms: fixed(clock.errorUs / 1000, 1) })
        : t(clock.trusted ? 'fact.clock.trusted' : 'fact.clock.untrusted')],
      [t('fact.loop'), t('fact.loop.value', { ms: fixed(status.loop.lagMaxUs / 1000, 1) })],
    ];
    setContent(this.facts, facts.flat().join('\n'), () => facts.map(([name, value]) =>
      h('div', {}, h('dt', {}, name), h('dd', {}, value))));
  }

  showQuestions(cards) {
    setShown(this.questions, cards.length > 0);
    if (!cards.length) return;
    setText(this.questions, t('questions.wait', { count: cards.length }));
    this.questions.onclick = () => {
      const question = cards[0].root.querySelector('.question');
      const button = question?.querySelector('button');
      cards[0].root.scrollIntoView({ block: 'start' });
      // Who may not answer it can at least read it.
      (button?.checkVisibility() ? button : question)?.focus({ preventScroll: true });
    };
  }
}
