// Talking to the server. Every request carries the page's proof beside the cookie, and a failure is
// one of two things: refused (the server said no) or unreachable (ask again, with the same key).

export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.error || "That did not work.");
    this.status = status;
    this.problem = problem;
  }
}

export class Unreachable extends Error {
  constructor(message, { afterMs = 0, answered = false, code = "" } = {}) {
    super(message);
    this.afterMs = afterMs;
    this.answered = answered; // the server is there, but cannot do it now
    this.code = code;
  }
}

const PROOF = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
const BUSY = new Set(["conflict", "store_unavailable", "agent_unavailable", "too_many_requests"]);
const SILENCE_MS = 45_000;

// Works on plain http too, where randomUUID is missing.
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(18));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// Longer and longer between attempts, and not all browsers at the same moment.
export const backoff = (attempt) => Math.min(5000, 400 * 1.7 ** attempt) * (0.75 + Math.random() / 2);

function failure(status, problem, retryAfter) {
  const code = problem.code ?? "";
  if (BUSY.has(code) || [502, 503, 504].includes(status)) {
    const afterMs = code === "conflict" ? 300 : 1000 * (Number(retryAfter) || 1);
    return new Unreachable(problem.detail ?? "The server cannot answer now.", { afterMs, answered: code !== "", code });
  }
  return new Refused(status, problem);
}

async function problemOf(response) {
  try {
    return await response.json();
  } catch {
    return {};
  }
}

async function send(path, { method = "GET", body, key, accept = "application/json", signal } = {}) {
  const headers = { Accept: accept };
  if (PROOF) headers["X-CSRF-Token"] = PROOF;
  if (key) headers["Idempotency-Key"] = key;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(path, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Unreachable("The server does not answer.");
  }
  if (!response.ok) throw failure(response.status, await problemOf(response), response.headers.get("Retry-After"));
  return response;
}

// One request with a JSON answer.
export async function ask(path, options = {}) {
  const response = await send(path, { signal: AbortSignal.timeout(options.method ? SILENCE_MS : 12_000), ...options });
  try {
    return await response.json();
  } catch {
    throw new Unreachable("The answer broke off.");
  }
}

// One request with a piece of a page as its answer.
export async function piece(path) {
  const response = await send(path, { accept: "text/html", signal: AbortSignal.timeout(12_000) });
  if (response.redirected) throw new Refused(401, { detail: "You are signed out." });
  return response.text();
}

// A turn as a stream: drafts as they come, and what was saved at the end. Anything that ends without
// `saved` counts as not answered, whatever drafts there were.
export async function turn(path, { body, key, onDraft, onRestart }) {
  const stop = new AbortController();
  let watch = setTimeout(() => stop.abort(), SILENCE_MS);
  let answer = null;
  try {
    const response = await send(path, { method: "POST", body, key, accept: "text/event-stream", signal: stop.signal });
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      clearTimeout(watch);
      watch = setTimeout(() => stop.abort(), SILENCE_MS);
      const blocks = (rest + decoder.decode(value, { stream: true })).split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) {
        const event = parsed(block);
        if (event.name === "delta") onDraft(event.data.text);
        else if (event.name === "restart") onRestart();
        else if (event.name === "error") throw failure(event.data.status, event.data, event.data.retry_after_s);
        else if (event.name === "saved") answer = event.data;
      }
    }
  } catch (error) {
    if (error instanceof Refused || error instanceof Unreachable) throw error;
  } finally {
    clearTimeout(watch);
  }
  if (answer) return answer; // saved is saved, even if the line broke right after
  throw new Unreachable("The connection broke off.");
}

function parsed(block) {
  const event = { name: "message", data: {} };
  for (const line of block.split("\n")) {
    if (line.startsWith("event: ")) event.name = line.slice(7);
    else if (line.startsWith("data: ")) event.data = JSON.parse(line.slice(6));
  }
  return event;
}
