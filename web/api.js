// Requests to the daemon. Every address is relative, so that a proxy may put the page anywhere.

const TIMEOUT_MS = 10_000;

/** A refusal of the daemon (RFC 9457), or `offline` when there was no answer. */
export class Refusal extends Error {
  constructor(problem) {
    super(problem.detail ?? problem.code);
    this.problem = problem;
  }
}

async function ask(path, options = {}, timeoutMs = TIMEOUT_MS) {
  let answer;
  try {
    answer = await fetch(`api/v1/${path}`, {
      cache: 'no-store', signal: AbortSignal.timeout(timeoutMs), ...options,
    });
  } catch {
    throw new Refusal({ code: 'offline', parameters: {}, detail: '' });
  }
  if (answer.ok) return answer.status === 204 ? null : answer.json();
  const isProblem = (answer.headers.get('content-type') ?? '').includes('problem+json');
  const problem = isProblem
    ? await answer.json()
    : { code: 'offline', parameters: {}, detail: `HTTP ${answer.status}` };
  throw new Refusal(problem);
}

const send = (method, path, body, headers = {}) => ask(path, {
  method, headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body),
});

const part = encodeURIComponent;

export const getStatus = () => ask('status', {}, 5_000);
export const getDevices = () => ask('devices');
export const getQuestions = () => ask('questions');
export const getCommands = () => ask('commands?limit=200');

/** The last readings of a channel, of the node's present boot. */
export const getReadings = (device, channel, last) => ask(
  `readings?device=${part(device)}&channel=${part(channel)}&clock=node&last=${last}&limit=10000`);

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
