// The cards that stand where there is no conversation: before the first word, and after the last.

import { clinical, make } from "./dom.js";

const RATINGS = [["optimalTotal", "optimal"], ["acceptableTotal", "acceptable"], ["suboptimalTotal", "suboptimal"], ["dangerousTotal", "dangerous"], ["notPerformedTotal", "not performed"]];

const score = (value) => (value == null ? "–" : String(value));

export function beginning(start) {
  return [
    make("h1", { text: "Your session" }),
    make("p", { text: "It begins with a short warm-up with a coach. Then you treat your patients, one after another, and at the end you look back on them with a reviewer." }),
    make("p", { text: "Write as you would speak: say what you look at, what you measure, what you give and how much. Everything with a tick ✓ is saved; you can close this page and come back at any time." }),
    make("button", { type: "button", text: "Begin", id: "begin", onclick: start }),
  ];
}

export function closed(status, { start, read }) {
  const word = status === "VOID" ? "was closed by your instructor" : "was given up";
  return [
    make("h1", { text: "This session is closed" }),
    make("p", { text: `It ${word}. What you did in it is kept. Ask your instructor to open it again if you want to go on.` }),
    buttons(["Read the conversation", read], ["Begin a new session", start]),
  ];
}

export function ending(performance, { start, read }) {
  const totals = performance.totals ?? {};
  return [
    make("h1", { text: "Well done: your session is complete" }),
    make("p", { text: "Everything is saved. You can close this page." }),
    make("div", { className: "scores" },
      figure("Decisions", totals.overallScore, "of 100"),
      figure("Safety", totals.safetyScore, "of 100"),
      figure("Critical actions", totals.criticalActionsCompleted, `done, ${score(totals.criticalActionsMissed)} missed`)),
    make("p", { className: "hint", text: `Your decisions: ${counted(totals)}.` }),
    ...performance.scenarios.map((one, i) => scenario(one, i)),
    buttons(["Read the conversation again", read], ["Begin another session", start]),
  ];
}

function buttons(...pairs) {
  return make("div", { className: "steps" }, ...pairs.map(([text, onclick]) => make("button", { type: "button", className: "second", text, onclick })));
}

function counted(totals) {
  const parts = RATINGS.filter(([key]) => totals[key]).map(([key, word]) => `${totals[key]} ${word}`);
  return parts.join(", ") || "none was rated";
}

function figure(name, value, unit) {
  return make("div", { className: "figure" }, make("span", { className: "name", text: name }), make("strong", { text: score(value) }), make("span", { className: "hint", text: unit }));
}

function scenario(one, index) {
  const list = one.checklistResults ?? { completed: [], missed: [] };
  const done = list.completed.map((item) => make("li", { className: "done", text: item.action }, make("span", { className: "hint", text: ` ${clinical(item.atS)}` })));
  const missed = list.missed.map((item) => make("li", { text: item.action }));
  const title = `Patient ${index + 1}${one.title ? `: ${one.title}` : ""}`;
  return make("details", { className: "card" },
    make("summary", { text: title }),
    make("p", { text: `Decisions ${score(one.overallScore)}, safety ${score(one.safetyScore)}${one.interpretation ? `: ${one.interpretation}` : ""}` }),
    make("ul", { className: "ticks" }, ...done, ...missed));
}
