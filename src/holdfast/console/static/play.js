// The student's page: finds the session, shows where it stands, and carries what is said and asked for
// to the server until it is saved, whatever happens on the way.

import { Bedside } from "./bedside.js";
import { Connection } from "./connection.js";
import { at, make } from "./dom.js";
import { beginning, closed, ending } from "./ending.js";
import { Log } from "./log.js";
import { Outbox } from "./outbox.js";
import { ask, newKey, pause, Refused, turn, Unreachable } from "./requests.js";
import { clearRefusal, showRefusal, showSteps, talks } from "./steps.js";

const EVERY_MS = 2500;
const LIVE = ["IN_PROGRESS", "PAUSED"];

const log = new Log();
const bedside = new Bedside();
const connection = new Connection(() => {
  // The clinical clock stands still while the service is away, so the one on the page does too.
  if (connection.lost) bedside.halt();
  showBanner();
});
let session = null; // where it stands, as the server told last
let outbox = null; // what is not yet known to be saved
let carrying = false;
let reading = false; // the conversation, although the session is over

const path = (rest) => `/api/sessions/${encodeURIComponent(session.sessionId)}/${rest}`;
const get = (url) => connection.stubborn(() => ask(url));
const open = () => session.status === "IN_PROGRESS" && !session.expired;

// ---- showing ------------------------------------------------------------------------------------

function bannerText() {
  if (connection.lost) {
    const waiting = outbox?.items().length ?? 0;
    const kept = waiting ? ` (${waiting} kept on this device)` : "";
    return ["bad", `Connection lost. Your work is saved up to here; trying again…${kept}`];
  }
  if (session?.status === "PAUSED") return ["calm", "Your instructor has paused the session. The patient waits too."];
  if (session?.expired && LIVE.includes(session.status)) return ["calm", "The time of this session is over. Ask your instructor to extend it; nothing is lost."];
  return ["", ""];
}

function showBanner() {
  const [kind, text] = bannerText();
  at("banner").hidden = !text;
  at("banner").className = `banner ${kind}`;
  if (at("banner").textContent !== text) at("banner").textContent = text;
}

function show() {
  const over = !LIVE.includes(session.status) && !reading;
  at("main").dataset.view = over ? "card" : session.phase === "scenario" ? "bedside" : "talk";
  at("student").textContent = session.studentName ?? "";
  at("card").hidden = !over;
  at("talk").hidden = over;
  at("composer").hidden = !talks(session);
  for (const field of at("composer").elements) field.disabled = !open();
  bedside.show(over ? {} : session);
  showProgress();
  showChallenge();
  const stepping = outbox.items().some((item) => item.step !== "message");
  showSteps(session, { enabled: open() && !stepping, take: takeStep, say });
  showBanner();
  if (over) showEnd();
}

function showProgress() {
  const count = session.scenarioQueue.length;
  const names = ["Warm-up", ...session.scenarioQueue.map((_, i) => (count > 1 ? `Patient ${i + 1}` : "Patient")), "Review"];
  const index = session.currentScenarioIndex;
  const here = { coach: 0, ready: 0, scenario: index + 1, between: index + 2, review_due: count + 1, review: count + 1, complete: count + 2 }[session.phase];
  at("progress").replaceChildren(...names.map((name, i) =>
    make("li", { className: i < here ? "done" : i === here ? "here" : "", "aria-current": i === here ? "step" : null }, make("span", { text: name }))));
}

function showChallenge() {
  const challenge = session.phase === "scenario" ? session.activeChallenge : null;
  at("challenge").hidden = !challenge;
  if (!challenge || at("challenge").dataset.id === challenge.challengeId) return;
  at("challenge").dataset.id = challenge.challengeId;
  at("challenge").replaceChildren(make("b", { text: challenge.question }), make("p", { className: "hint", text: challenge.context || "Answer below." }));
}

async function showEnd() {
  const state = session.sessionId + session.status;
  if (at("card").dataset.state === state) return;
  at("card").dataset.state = state;
  const again = { start: guarded(start), read: () => { reading = true; show(); } };
  const complete = session.status === "COMPLETED";
  card(complete ? ending(await get(path("performance")), again) : closed(session.status, again));
}

function card(children) {
  at("card").replaceChildren(...children);
}

// ---- asking where the session stands ------------------------------------------------------------

async function refresh() {
  const standing = await get(path("check"));
  if (!standing.exists) return location.reload();
  session = standing;
  if (session.phase === "scenario") bedside.showMeasured((await get(path("vitals"))).measuredVitals);
  if (session.messages > log.lastSeq) await catchUp();
  show();
}

// Messages that this page has not shown. One without a reply, whose key no outbox holds (the student
// has changed the device), is asked for again with the key that it was stored with.
async function catchUp() {
  for (;;) {
    const { messages, pending, total } = await get(path(`messages?after=${log.lastSeq}`));
    log.show(messages, pending);
    for (const { seq, idempotencyKey: key, content, timestamp } of messages) {
      if (pending.includes(seq) && key) outbox.put({ key, step: "message", text: content, at: Date.parse(timestamp) });
    }
    if (!messages.length || log.lastSeq >= total) return;
  }
}

// ---- saying and doing ---------------------------------------------------------------------------

function say(text) {
  if (!text.trim() || !open()) return false;
  const item = { key: newKey(), step: "message", text, at: Date.now() };
  outbox.put(item);
  log.said(item.key, text);
  guarded(carry)();
  return true;
}

function takeStep(step) {
  if (step === "results") {
    reading = false;
    return show();
  }
  outbox.put({ key: newKey(), step, at: Date.now() });
  show();
  return guarded(carry)();
}

// Carry out what is pending, in its order, until all is saved or the session waits for somebody.
async function carry() {
  if (carrying) return;
  carrying = true;
  try {
    for (let item = outbox.first(), attempt = 0; item && open(); item = outbox.first()) {
      attempt = (await carriedOut(item, attempt)) ? 0 : attempt + 1;
    }
  } finally {
    carrying = false;
  }
}

async function carriedOut(item, attempt) {
  try {
    if (item.step === "message") await spoken(item);
    else await ask(path(item.step), { method: "POST", key: item.key });
    outbox.remove(item.key);
    clearRefusal();
    connection.answered();
  } catch (error) {
    if (!(error instanceof Unreachable)) await refused(item, error);
    else {
      connection.failed(error);
      await connection.rest(error, attempt);
      return false;
    }
  }
  if (session.status !== "SIGNED_OUT") await refresh();
  return true;
}

async function spoken({ key, text }) {
  const agent = session.currentAgent;
  log.said(key, text);
  let draft = null;
  const drop = () => { draft?.drop(); draft = null; };
  try {
    const answer = await turn(path("message"), {
      body: { message: text },
      key,
      onDraft: (more) => { (draft ??= log.draft(key, agent)).add(more); },
      onRestart: drop,
    });
    reading ||= answer.sessionComplete; // the last words are read before the results are shown
    drop();
    log.saved(key, answer, agent);
  } finally {
    drop();
  }
}

// The server said no. While the session is paused or expired the item waits; otherwise it is given
// back to the student, with the reason.
async function refused(item, error) {
  if (error.status === 401) return signedOut(error);
  await refresh();
  if (!open() && LIVE.includes(session.status)) return;
  outbox.remove(item.key);
  if (item.step === "message") {
    log.unsaid(item.key);
    at("text").value ||= item.text;
  }
  show();
  showRefusal(error.message);
}

function signedOut(error) {
  session = { ...session, status: "SIGNED_OUT" };
  at("banner").hidden = false;
  at("banner").className = "banner bad";
  at("banner").replaceChildren(`${error.message}. What you wrote is kept on this device. `, make("a", { href: "/play", text: "Load the page again" }));
}

// ---- beginning ----------------------------------------------------------------------------------

let startKey = newKey(); // a second click is the same request

async function start() {
  const begun = await connection.stubborn(() => ask("/api/sessions/start", { method: "POST", body: {}, key: startKey }));
  startKey = newKey();
  reading = false;
  await enter(begun.sessionId);
}

async function enter(sessionId) {
  session = { sessionId };
  outbox = new Outbox(sessionId);
  log.clear();
  await refresh();
  for (const item of outbox.items()) if (item.step === "message") log.said(item.key, item.text);
  log.toEnd();
  if (!at("composer").hidden) at("text").focus({ preventScroll: true });
  guarded(carry)();
}

async function begin() {
  const { sessions } = await get("/api/sessions/mine");
  const found = sessions.find((one) => LIVE.includes(one.status)) ?? sessions.find((one) => one.status === "COMPLETED") ?? sessions[0];
  if (found) await enter(found.sessionId);
  else card(beginning(guarded(start)));
  for (;;) {
    await pause(document.hidden ? 4 * EVERY_MS : EVERY_MS);
    if (!session || carrying || ["COMPLETED", "SIGNED_OUT"].includes(session.status)) continue;
    await guarded(refresh)();
    if (outbox.first()) await guarded(carry)();
  }
}

// A refusal outside of a turn is told, and the page goes on.
function guarded(work) {
  return async () => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.status === 401) signedOut(error);
      else (at("card").hidden ? at("steps") : at("card")).prepend(make("p", { className: "notice bad", role: "alert", text: error.message }));
    }
  };
}

at("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  if (say(at("text").value)) at("text").value = "";
  at("text").focus();
});
at("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  at("composer").requestSubmit();
});
at("leave").addEventListener("click", async () => {
  await ask("/leave", { method: "POST" }).catch(() => null);
  location.assign("/");
});
if (window.matchMedia("(max-width: 52rem)").matches) at("notes-box").open = false;
guarded(begin)();
