// The live feed: server-sent events, read by hand so that silence is noticed (the daemon's comments
// count as life), so that Last-Event-ID survives a proxy's error page, and so that a tab nobody
// looks at gives its connection back.

/** The daemon says something at least every 15 s; after this long without it the line is dead. */
const SILENCE_MAX_MS = 25_000;
const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 5_000;
/** A tab may be looked away from this long before its stream is closed. */
const HIDDEN_MAX_MS = 20_000;
const LINE_LENGTH_MAX = 1_000_000;

/** Follows the feed for as long as somebody may; calls `onEvent(name, data)`, `onState(isLive)`, and
 * `onRefused()` when the daemon asks who is there. */
export class Feed {
  constructor({ onEvent, onState, onRefused }) {
    this.onEvent = onEvent;
    this.onState = onState;
    this.onRefused = onRefused;
    this.isWanted = false;
    this.lastId = null;
    this.retryMs = RETRY_FIRST_MS;
    this.stream = null;
    this.hiddenTimer = null;
    this.retryTimer = null;
    document.addEventListener('visibilitychange', () => this.look());
    window.addEventListener('online', () => this.retryNow());
    window.addEventListener('pagehide', () => this.stream?.abort());
  }

  start() {
    this.isWanted = true;
    this.retryNow();
  }

  /** Nobody may read on. */
  stop() {
    this.isWanted = false;
    clearTimeout(this.retryTimer);
    this.stream?.abort();
  }

  /** Somebody asked: no waiting. */
  retryNow() {
    this.retryMs = RETRY_FIRST_MS;
    if (!document.hidden) this.resume();
  }

  resume() {
    clearTimeout(this.retryTimer);
    this.retryTimer = null;
    if (this.isWanted && !this.stream) this.follow();
  }

  /** The daemon does not answer elsewhere: the stream is taken up anew. */
  doubt() {
    this.stream?.abort();
  }

  look() {
    clearTimeout(this.hiddenTimer);
    if (document.hidden) {
      this.hiddenTimer = setTimeout(() => this.stream?.abort(), HIDDEN_MAX_MS);
    } else {
      this.retryNow();
    }
  }

  async follow() {
    const stream = new AbortController();
    this.stream = stream;
    let silence = setTimeout(() => stream.abort(), SILENCE_MAX_MS);
    let isRefused = false;
    try {
      const headers = { Accept: 'text/event-stream' };
      if (this.lastId !== null) headers['Last-Event-ID'] = this.lastId;
      const answer = await fetch('api/v1/events', {
        headers, cache: 'no-store', signal: stream.signal,
      });
      isRefused = answer.status === 401;
      if (!answer.ok || !answer.body) throw new Error(`HTTP ${answer.status}`);
      this.retryMs = RETRY_FIRST_MS;
      this.onState(true);
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      const parser = new EventParser((event) => this.take(event));
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        clearTimeout(silence);
        silence = setTimeout(() => stream.abort(), SILENCE_MAX_MS);
        parser.push(value);
      }
    } catch {
      // cut off, refused or silent: one way goes on, below
    }
    clearTimeout(silence);
    this.stream = null;
    if (isRefused) this.onRefused();
    else this.onState(false);
    if (document.hidden || !this.isWanted) return;
    this.retryTimer = setTimeout(() => this.resume(), this.retryMs);
    this.retryMs = Math.min(this.retryMs * 2, RETRY_MAX_MS);
  }

  take(event) {
    if (event.id !== null) this.lastId = event.id;
    let data;
    try {
      data = JSON.parse(event.data);
    } catch {
      return; // not ours: a proxy's own words
    }
    this.onEvent(event.name, data);
  }
}

/** Cuts a text stream into events (HTML standard, 9.2.6), with `id`, `event` and `data` only. */
export class EventParser {
  constructor(onEvent) {
    this.onEvent = onEvent;
    this.rest = '';
    this.clear();
  }

  clear() {
    this.id = null;
    this.name = 'message';
    this.data = [];
  }

  push(text) {
    this.rest += text;
    let from = 0;
    for (let end; (end = this.rest.indexOf('\n', from)) >= 0; from = end + 1) {
      const line = this.rest.slice(from, this.rest[end - 1] === '\r' ? end - 1 : end);
      this.line(line);
    }
    this.rest = this.rest.slice(from);
    if (this.rest.length > LINE_LENGTH_MAX) throw new Error('a line without an end');
  }

  line(line) {
    if (line === '') {
      if (this.data.length) {
        this.onEvent({ id: this.id, name: this.name, data: this.data.join('\n') });
      }
      this.clear();
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1));
    if (field === 'data') this.data.push(value);
    else if (field === 'event') this.name = value;
    else if (field === 'id') this.id = value;
  }
}
