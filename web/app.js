// Puts the page together: what comes from the daemon goes into devices, and what changed is drawn
// once a frame, only where somebody sees it.

import * as api from './api.js';
import { Panel } from './access/panel.js';
import { AlarmBadge } from './alarms/badge.js';
import { Visit } from './access/visit.js';
import { observe } from './clock.js';
import { Card, isWide } from './card.js';
import { Device } from './device.js';
import { setAttribute, setShown, setText } from './dom.js';
import { Feed } from './feed.js';
import { HistoryView } from './history/view.js';
import { NodeHead } from './node.js';
import { isLeftClosed } from './questions.js';
import { Recent } from './recent.js';
import { Route } from './route.js';
import { Conflicting } from './site/conflicting.js';
import { Sites } from './site/sites.js';
import { preferredLanguage, t, translate, useLanguage } from './text.js';

/** Questions for the status without an answer, after which the line counts as dead. */
const UNANSWERED_MAX = 2;
const STATUS_EVERY_MS = 5_000;
/** Devices are asked for again at least this often: what the feed does not tell ages. */
const DEVICES_EVERY_MS = 15_000;
/** Cards drawn in one frame; the others wait for the next. */
const CARDS_PER_FRAME = 6;

class Page {
  constructor() {
    this.devices = new Map();
    this.cards = new Map();
    this.questions = new Map();
    this.dirty = new Set();
    this.isLive = false;
    this.sinceMs = null;
    this.frame = null;
    this.number = 0;
    this.unanswered = 0;
    this.commits = null;
    this.devicesMs = -Infinity;
    this.list = document.getElementById('devices');
    this.empty = document.getElementById('empty');
    this.absent = document.getElementById('absent');
    this.absentList = document.getElementById('absent-devices');
    this.said = document.getElementById('said');
    this.recent = new Recent((device) => this.mark(device));
    this.history = new HistoryView(document.getElementById('history'), this);
    this.visit = new Visit(this);
    this.session = this.visit.session;
    this.panel = new Panel(document.getElementById('panel'), this);
    this.alarms = new AlarmBadge(this.announce);
    this.conflicts = new Conflicting(() => this.markAll());
    this.sites = new Sites();
    this.route = new Route(this.session, { door: this.visit.door, history: this.history,
      panel: this.panel });
    this.head = new NodeHead(() => this.feed.retryNow());
    this.observer = new IntersectionObserver((entries) => this.look(entries), {
      rootMargin: '200px',
    });
    this.feed = new Feed({
      onEvent: (name, data) => this.take(name, data),
      onState: (isLive) => this.setLive(isLive),
      onRefused: () => this.session.ask(),
    });
  }

  async start() {
    await Promise.all([this.speak(preferredLanguage()), this.session.ask()]);
    this.head.showLine(false, null);
    for (const button of document.querySelectorAll('[data-language]')) {
      button.addEventListener('click', () => this.speak(button.dataset.language, true));
    }
    this.visit.start();
    setInterval(() => this.poll(), STATUS_EVERY_MS);
    setInterval(() => this.tick(), 1_000);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.redraw());
  }

  /** Shows everything in a language; nothing is asked of the daemon again. */
  async speak(language, isChosen = false) {
    await useLanguage(language, isChosen);
    translate(document);
    for (const button of document.querySelectorAll('[data-language]')) {
      setAttribute(button, 'aria-pressed', String(button.dataset.language === language));
    }
    for (const card of this.cards.values()) this.replace(card);
    if (this.head.status) this.head.show(this.head.status);
    this.alarms.translate();
    this.conflicts.translate();
    this.head.showLine(this.isLive, this.sinceMs);
    this.showQuestions();
    this.showPlaces();
    if (this.isListKnown !== true) setShown(this.empty, false);
    this.visit.show();
  }

  /** Somebody may read: from now on what comes is shown. */
  begin() {
    this.feed.start();
    this.poll();
    this.sites.ask();
  }

  /** Nobody may read any more. */
  stop() {
    this.feed.stop();
  }

  replace(card) {
    const fresh = this.makeCard(card.device);
    card.root.before(fresh.root);
    this.observer.unobserve(card.root);
    card.close();
  }

  // What comes

  take(name, data) {
    if (name === 'open') return;
    if (name === 'missed') {
      this.refresh();
      return;
    }
    if (data.reading) this.takeReading(data.reading);
    if (data.device) this.takeDevice(data.device);
    if (data.command) this.takeCommand(data.command);
    if (data.history) this.history.takeChange(data.history);
    if (data.alarm) {
      this.alarms.take(data.alarm);
      this.panel.takeAlarm(data.alarm);
    }
    if (data.question) {
      if (data.answered) this.questions.delete(data.question.id);
      else this.questions.set(data.question.id, data.question);
      this.markAll();
      this.refresh();
    }
  }

  takeReading(reading) {
    // The history has asked for its lines itself: it need not wait for the list of devices.
    this.history.takeReading(reading);
    const device = this.devices.get(reading.device);
    if (!device) return;
    device.takeReading(reading);
    this.mark(device);
  }

  takeDevice(view) {
    const device = this.devices.get(view.id);
    if (!device) {
      // A port becomes a device once it has spoken: the whole list says which card became which.
      this.refresh();
      return;
    }
    const { isPresent } = device;
    device.take(view);
    if (device.isPresent !== isPresent) {
      this.announce(t(device.isPresent ? 'said.plugged' : 'said.unplugged', {
        device: device.title,
      }));
    }
    this.place(device);
    this.mark(device);
    this.recent.ask(device, this.cards.get(device.id));
  }

  takeCommand(command) {
    const device = this.devices.get(command.device);
    if (!device) return;
    device.takeCommand(command);
    this.mark(device);
  }

  /** Asks for everything again, once, however often it is called in a moment. */
  refresh() {
    this.refreshTimer ??= setTimeout(async () => {
      await this.askDevices();
      this.refreshTimer = null;
    }, 60);
  }

  async poll() {
    if (document.hidden || !this.session.isIn) return;
    try {
      const askedMs = performance.now();
      const status = await api.getStatus();
      const isMoved = observe(status.clock, askedMs, performance.now());
      this.head.show(status);
      this.alarms.show(status.alarms?.unseen ?? 0);
      this.conflicts.show(status.sync?.conflicts ?? 0);
      this.sites.show(status.sync?.site ?? '');
      if (isMoved) this.markAll();
      const isCommitted = this.commits !== status.storage.commits;
      this.commits = status.storage.commits;
      if (isCommitted || performance.now() - this.devicesMs > DEVICES_EVERY_MS) {
        await this.askDevices();
      }
      this.unanswered = 0;
    } catch {
      this.unanswered += 1;
      // A stream may be open to a daemon that hangs: only an answer proves that it lives.
      if (this.unanswered >= UNANSWERED_MAX) this.feed.doubt();
    }
  }

  async askDevices() {
    try {
      const [views, questions] = await Promise.all([api.getDevices(), api.getQuestions()]);
      this.devicesMs = performance.now();
      this.questions = new Map(questions.map((question) => [question.id, question]));
      this.reconcile(views);
      if (!this.areCommandsKnown) {
        this.areCommandsKnown = true;
        for (const command of (await api.getCommands()).reverse()) this.takeCommand(command);
      }
    } catch {
      // asked again with the next status
    }
  }

  /** Brings the cards in line with the list; what is shown keeps its place. */
  reconcile(views) {
    const isFirst = this.devices.size === 0;
    const ids = new Set(views.map((view) => view.id));
    const gone = new Map();
    for (const device of [...this.devices.values()]) {
      if (ids.has(device.id)) continue;
      if (device.view.node) gone.set(device.view.node, this.cards.get(device.id));
      else this.drop(device);
    }
    // Wide cards first, as long as nobody has seen an order: then no row has a hole in its midst.
    const order = isFirst ? [...views].sort((a, b) => isWide(b) - isWide(a)) : views;
    for (const view of order) {
      const device = this.devices.get(view.id);
      if (device) {
        device.take(view);
        this.place(device);
        this.mark(device);
      } else {
        this.add(view, gone.get(view.node), isFirst);
      }
    }
    for (const card of gone.values()) this.drop(card.device);
    this.isListKnown = true;
    this.showPlaces();
    setAttribute(this.list, 'aria-busy', null);
    this.history.rename();
    this.panel.rename();
    this.showQuestions();
  }

  add(view, predecessor, isFirst) {
    const device = new Device(view);
    this.devices.set(view.id, device);
    const card = this.makeCard(device);
    if (predecessor) predecessor.root.before(card.root);
    else (device.isPresent ? this.list : this.absentList).append(card.root);
    if (!isFirst) {
      card.root.classList.add('is-new');
      if (device.isPresent) this.announce(t('said.plugged', { device: device.title }));
    }
  }

  /** A device that was absent when the page opened moves up once it is plugged in. */
  place(device) {
    const { root } = this.cards.get(device.id);
    if (!device.isPresent || root.parentNode !== this.absentList) return;
    this.list.append(root);
    this.showPlaces();
  }

  showPlaces() {
    const count = this.absentList.childElementCount;
    setShown(this.empty, this.list.childElementCount === 0);
    setText(document.getElementById('empty-title'), t(count ? 'empty.unplugged' : 'empty.title'));
    setShown(this.absent, count > 0);
    setText(document.getElementById('absent-title'), t('absent.title', { count }));
  }

  makeCard(device) {
    const card = new Card(device, this);
    this.cards.set(device.id, card);
    this.observer.observe(card.root);
    card.update();
    return card;
  }

  drop(device) {
    const card = this.cards.get(device.id);
    if (card) {
      this.observer.unobserve(card.root);
      card.close();
    }
    this.cards.delete(device.id);
    this.devices.delete(device.id);
    this.dirty.delete(device);
  }

  // What is shown

  look(entries) {
    for (const { target, isIntersecting } of entries) {
      const card = this.cards.get(target.dataset.device);
      if (!card || card.root !== target) continue;
      card.isVisible = isIntersecting;
      if (!isIntersecting) continue;
      this.mark(card.device);
      this.recent.ask(card.device, card);
    }
  }

  mark(device) {
    this.dirty.add(device);
    this.frame ??= requestAnimationFrame(() => this.draw());
  }

  markAll() {
    for (const device of this.devices.values()) this.mark(device);
  }

  redraw() {
    for (const card of this.cards.values()) card.chart.drawnKey = null;
    this.history.redraw();
    this.markAll();
  }

  draw() {
    this.frame = null;
    let room = CARDS_PER_FRAME;
    const again = [];
    for (const device of [...this.dirty]) {
      const card = this.cards.get(device.id);
      if (!card?.isVisible) {
        this.dirty.delete(device); // drawn when it is looked at
        continue;
      }
      if (room === 0) break;
      room -= 1;
      this.dirty.delete(device);
      if (card.update()) again.push(device);
      this.recent.ask(device, this.cards.get(device.id));
    }
    for (const device of again) this.dirty.add(device);
    if (!this.dirty.size) return;
    // Charts that were drawn a moment ago wait; cards that were not come with the next frame.
    if (this.dirty.size > again.length) this.frame = requestAnimationFrame(() => this.draw());
    else if (!this.later) {
      this.later = setTimeout(() => {
        this.later = null;
        this.frame ??= requestAnimationFrame(() => this.draw());
      }, 120);
    }
  }

  tick() {
    if (document.hidden) return;
    for (const card of this.cards.values()) if (card.isVisible) card.updateAges();
    this.history.tick();
  }

  setLive(isLive) {
    if (!this.session.isIn) {
      this.isLive = false;
      this.sinceMs = null;
      this.head.showLine(false, null);
      return;
    }
    if (isLive === this.isLive && (isLive || this.sinceMs !== null)) return;
    const wasLost = this.sinceMs !== null;
    this.isLive = isLive;
    this.sinceMs = isLive ? null : Date.now();
    setAttribute(document.body, 'data-stale', !isLive);
    this.head.showLine(isLive, this.sinceMs);
    if (isLive && wasLost) this.announce(t('said.live'));
    if (!isLive) this.announce(t('said.lost'));
    this.markAll();
    if (isLive) {
      if (this.session.view === null) this.session.ask();
      this.areCommandsKnown = false;
      this.commits = null;
      for (const device of this.devices.values()) device.history.clear();
      this.history.source.takeLine();
      this.poll();
    }
  }

  showQuestions() {
    const asked = [...this.cards.values()].filter(({ device }) =>
      this.questionsOf(device.view).length > 0 || isLeftClosed(device.view));
    this.head.showQuestions(asked);
    for (const { device } of asked) this.mark(device);
  }

  // What cards ask of the page

  questionsOf = (view) => [...this.questions.values()].filter((question) =>
    question.device === view.id || view.questions.includes(question.id));

  nextNumber() {
    this.number += 1;
    return this.number;
  }

  /** Tells those who do not see the page. */
  announce = (words) => setText(this.said, words);
}

const page = new Page();
page.refresh = page.refresh.bind(page);
await page.start();
