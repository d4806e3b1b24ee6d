// Requests to the daemon. Every address is relative, so that a proxy may put the page anywhere.

const TIMEOUT_MS = 10_000;
/** For what the daemon may have to read much for. */
const LONG_TIMEOUT_MS = 30_000;
/** For telling somebody far away, who may not answer; the daemon gives up before. */
const TELLING_TIMEOUT_MS = 60_000;

/** Everything that may be done, from the least to the most. */
export const RIGHTS = ['metrics', 'read', 'operate', 'administer'];

/** What goes with the requests of this page, and who is told when the daemon no longer takes them:
 * `renew` says whether a request refused for its `csrf` can be tried again. */
export const guard = { csrf: null, onRefused() {}, renew: async () => false };

/** A refusal of the daemon (RFC 9457), or `offline` when there was no answer. */
export class Refusal extends Error {
  constructor(problem) {
    super(problem.detail ?? problem.code);
    this.problem = problem;
  }
}

async function ask(path, options = {}, timeoutMs = TIMEOUT_MS) {
  const answer = await request(path, options, timeoutMs);
  return answer.status === 204 ? null : answer.json();
}

/** One request, and once more where only the session had been renewed meanwhile. */
async function request(path, options, timeoutMs) {
  try {
    return await attempt(path, options, timeoutMs);
  } catch (error) {
    const code = error.problem?.code;
    if (code === 'csrf' && await guard.renew()) return attempt(path, options, timeoutMs);
    if (code === 'unauthenticated' || code === 'forbidden') guard.onRefused();
    throw error;
  }
}

async function attempt(path, options, timeoutMs) {
  const { signal: cancel, headers, ...others } = options;
  const isChange = others.method && guard.csrf !== null;
  const limit = AbortSignal.timeout(timeoutMs);
  let answer;
  try {
    answer = await fetch(`api/v1/${path}`, {
      cache: 'no-store', signal: cancel ? AbortSignal.any([cancel, limit]) : limit, ...others,
      headers: isChange ? { ...headers, 'X-Bivouac-CSRF': guard.csrf } : headers,
    });
  } catch {
    // Whoever cancels knows why there is no answer.
    cancel?.throwIfAborted();
    throw new Refusal({ code: 'offline', parameters: {}, detail: '' });
  }
  if (answer.ok) return answer;
  const isProblem = (answer.headers.get('content-type') ?? '').includes('problem+json');
  const problem = isProblem
    ? await answer.json()
    : { code: 'offline', parameters: {}, detail: `HTTP ${answer.status}` };
  throw new Refusal(problem);
}

const send = (method, path, body, headers = {}, timeoutMs = TIMEOUT_MS) => ask(path, {
  method, headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body),
}, timeoutMs);

const part = encodeURIComponent;

// Who reads this page

export const getSession = () => ask('session', {}, 5_000);
export const signIn = (user, password) => send('POST', 'session', { user, password });
export const signOut = () => ask('session', { method: 'DELETE' });
export const claim = (code) => send('POST', 'claim', code);
export const changePassword = (change) => send('PUT', 'session/password', change);

// People, tokens, and who changed what

export const getUsers = () => ask('users');
export const addUser = (user) => send('POST', 'users', user);
export const putUser = (name, change) => send('PUT', `users/${part(name)}`, change);
export const removeUser = (name) => ask(`users/${part(name)}`, { method: 'DELETE' });
export const getTokens = () => ask('tokens');
export const addToken = (token) => send('POST', 'tokens', token);
export const revokeToken = (id) => ask(`tokens/${part(id)}`, { method: 'DELETE' });
export const getAudit = (limit, cursor, signal) => ask(
  `audit?limit=${limit}${cursor === null ? '' : `&cursor=${part(cursor)}`}`, { signal });

export const giveBack = (entry) => send('POST', `audit/${part(entry)}/restoration`, {});

// The site, its nodes, and who joins it

export const getSite = () => ask('site');
export const getSync = () => ask('sync');
/** The sites of the same hub where whoever reads is known. */
export const getSites = () => ask('sites');
export const addSite = (site) => send('POST', 'site', site);
export const inviteNode = (invitation) => send('POST', 'invitations', invitation);
/** Calls another node, which may be far and slow. */
export const pairNode = (pairing) => send('POST', 'pairing', pairing);
export const revokePeer = (node) => send('POST', `peers/${part(node)}/revocation`, {});

// Alarms: what goes on and what was, the rules, and who is told

export const getAlarms = (parameters) => ask(`alarms?${new URLSearchParams(parameters)}`);
export const acknowledgeAlarm = (id, comment) =>
  send('POST', `alarms/${part(id)}/acknowledge`, comment);
export const getRules = () => ask('rules');
export const addRule = (rule) => send('POST', 'rules', rule);
export const putRule = (id, rule) => send('PUT', `rules/${part(id)}`, rule);
export const removeRule = (id) => ask(`rules/${part(id)}`, { method: 'DELETE' });
export const getSilence = () => ask('silence');
export const putSilence = (ms) => send('PUT', 'silence', { ms });
export const getRecipients = () => ask('recipients');
export const addRecipient = (recipient) => send('POST', 'recipients', recipient);
export const putRecipient = (id, recipient) => send('PUT', `recipients/${part(id)}`, recipient);
export const removeRecipient = (id) => ask(`recipients/${part(id)}`, { method: 'DELETE' });
/** Answered once the other side has answered, or nobody did. */
export const testRecipient = (id) =>
  send('POST', `recipients/${part(id)}/test`, {}, {}, TELLING_TIMEOUT_MS);

// What was set in two places at once

export const getConflicts = () => ask('conflicts');
export const decideConflict = (id, record) =>
  send('POST', `conflicts/${part(id)}/decide`, { record });

// What the node knows

export const getStatus = () => ask('status', {}, 5_000);
export const getDevices = () => ask('devices');
export const getQuestions = () => ask('questions');
export const getCommands = () => ask('commands?limit=200');

/** The last readings of a channel, of the node's present boot. */
export const getReadings = (device, channel, last) => ask(
  `readings?device=${part(device)}&channel=${part(channel)}&clock=node&last=${last}&limit=10000`);

/** A question about readings; a list stands several times, and what is empty not at all. */
function readingsPath(parameters) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const each of [value].flat()) {
      if (each !== undefined && each !== null && each !== '') query.append(name, each);
    }
  }
  return `readings?${query}`;
}

/** Readings of a long time in little: slots, buckets. The daemon may have to decode for them. */
export const askReadings = (parameters, signal) =>
  ask(readingsPath(parameters), { signal }, LONG_TIMEOUT_MS);

/** A page of readings as the daemon writes them in a format, and where the next one begins. */
export async function askText(parameters) {
  const answer = await request(readingsPath(parameters), {}, LONG_TIMEOUT_MS);
  const next = /<([^>]*)>;\s*rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
  return {
    text: await answer.text(),
    cursor: next ? new URL(next, document.baseURI).searchParams.get('cursor') : null,
  };
}

/** Every channel that there are readings of. */
export const getSeries = (signal) => ask('series', { signal }, LONG_TIMEOUT_MS);

const facts = (what) => async (parameters, signal) =>
  (await ask(`${what}?${new URLSearchParams(parameters)}`, { signal }))[what];

/** What people said of times, and spans whose readings they hid; newest first. */
export const getAnnotations = facts('annotations');
export const getDeletions = facts('deletions');
export const addAnnotation = (annotation) => send('POST', 'annotations', annotation);
export const removeAnnotation = (id) => send('POST', `annotations/${part(id)}/remove`, {});
export const undoDeletion = (id) => send('POST', `deletions/${part(id)}/undo`, {});

/** How long everything is kept, and what quotas and full disks took. */
export const getRetention = (signal) => ask('retention', { signal });
/** How long the channels of a device are kept, and what is stored of them. */
export const getRetentionOf = (device, signal) => ask(`retention/${part(device)}`, { signal });
export const putRetention = (device, rule) => send('PUT', `retention/${part(device)}`, rule);
export const resetRetention = (device, channel) =>
  send('DELETE', `retention/${part(device)}?channel=${part(channel)}`);
export const acknowledge = (note) => send('POST', 'retention/acknowledge', { note });

export const putName = (device, name) => send('PUT', `devices/${part(device)}/name`, { name });
export const openDevice = (device, always) =>
  send('POST', `devices/${part(device)}/open`, { always });
export const answerQuestion = (question, answer) =>
  send('POST', `questions/${part(question)}/answer`, { answer });

/** Sends a command; the key makes it safe that a proxy sends the request twice. */
export const sendCommand = (device, command) => send(
  'POST', `devices/${part(device)}/commands`, command, { 'Idempotency-Key': freshKey() });

function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
