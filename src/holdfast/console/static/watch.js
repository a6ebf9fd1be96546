// The instructor's pages keep themselves fresh: a part with `data-fresh` is asked for again and again,
// one with `data-follow` gets what was added since its last message. Nothing is asked while nobody looks.

import { piece, Refused } from "./requests.js";

const EVERY_MS = 2500;

function fragment(text) {
  const template = document.createElement("template");
  template.innerHTML = text; // from our own templates, which escape every value
  return template.content;
}

async function refresh(part) {
  const query = "keepQuery" in part.dataset ? location.search : "";
  const text = await piece(part.dataset.fresh + query);
  if (part.shown === text) return;
  const focused = document.activeElement?.id;
  const open = [...part.querySelectorAll("details")].map((details) => details.open);
  part.shown = text;
  part.replaceChildren(fragment(text));
  part.querySelectorAll("details").forEach((details, i) => { details.open = open[i] ?? details.open; });
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

async function follow(log) {
  for (;;) {
    const last = log.querySelector("[data-seq]:last-of-type")?.dataset.seq ?? 0;
    const added = fragment(await piece(`${log.dataset.follow}?after=${last}`));
    if (!added.querySelector("[data-seq]")) return;
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    log.append(added);
    if (atEnd) log.scrollTop = log.scrollHeight;
  }
}

// Only the buttons that the session's status allows.
function offer() {
  const status = document.querySelector("[data-status]")?.dataset.status;
  if (!status) return;
  for (const form of document.querySelectorAll("form[data-for]")) {
    form.hidden = !form.dataset.for.split(" ").includes(status);
  }
}

function notice(text) {
  let line = document.getElementById("stale");
  if (!line && text) {
    line = document.createElement("p");
    line.id = "stale";
    line.className = "notice bad";
    line.setAttribute("role", "status");
    document.querySelector("main").prepend(line);
  }
  if (line) {
    line.hidden = !text;
    line.textContent = text;
  }
}

let turn = Promise.resolve();

async function look() {
  try {
    for (const part of document.querySelectorAll("[data-fresh]")) await refresh(part);
    for (const log of document.querySelectorAll("[data-follow]")) await follow(log);
    offer();
    notice("");
  } catch (error) {
    notice(error instanceof Refused ? error.message : "No connection. What you see may be old; trying again…");
  }
}

const now = () => { turn = turn.then(look); return turn; };

async function keepLooking() {
  for (;;) {
    await new Promise((done) => setTimeout(done, EVERY_MS));
    if (!document.hidden) await now();
  }
}

for (const log of document.querySelectorAll("[data-follow]")) log.scrollTop = log.scrollHeight;
offer();
if (document.querySelector("[data-fresh]")) {
  document.addEventListener("holdfast:changed", now);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) now(); });
  keepLooking();
}
