// What a student can do where the session stands: the step that comes next, and quick actions.

import { at, make } from "./dom.js";

const STEPS = {
  ready: { step: "begin-scenario", label: "Go to the first patient", before: "The warm-up is done." },
  between: { step: "next-scenario", label: "Next scenario", before: "You have handed the patient over. Take a breath; the next one waits until you are ready." },
  review_due: { step: "aar/start", label: "Start review", before: "You have handed over your last patient. Now look back on what you did." },
  complete: { step: "results", label: "See my results", before: "Your session is complete, and everything is saved." },
};
const HAND_OVER = { step: "complete", label: "Hand over patient" };
const SURE = "Hand this patient over and end the scenario? You cannot come back to it.";
const QUICK = {
  coach: [["Skip the warm-up", "I would like to skip the warm-up."]],
  scenario: [
    ["Breathing", "I check the breathing and listen to the lungs."],
    ["SpO₂", "I measure the oxygen saturation."],
    ["Pulse", "I measure the heart rate."],
    ["Pressure", "I measure the blood pressure."],
    ["Resp. rate", "I count the respiratory rate."],
    ["ECG", "I record a 12-lead ECG."],
    ["GCS", "I assess the GCS."],
    ["Pupils", "I check the pupils."],
    ["Glucose", "I measure the blood glucose."],
    ["Temperature", "I measure the temperature."],
    ["Pain", "I ask for a pain score from 0 to 10."],
    ["History", "I take the history: symptoms, allergies, medication, past illnesses."],
  ],
};

// Whether anybody is there to be spoken to.
export function talks({ phase, scenarioOver }) {
  return phase === "coach" || phase === "review" || (phase === "scenario" && !scenarioOver);
}

export function showSteps(session, { enabled, take, say }) {
  const { phase, scenarioOver } = session;
  const next = scenarioOver ? { ...HAND_OVER, before: "The scenario has come to its end." } : STEPS[phase];
  unlessSame(at("steps"), [phase, scenarioOver, enabled], () =>
    next ? [make("p", { text: next.before }), button(next, enabled || next.step === "results", () => take(next.step))] : []);
  const handsOver = phase === "scenario" && !scenarioOver;
  unlessSame(at("handover"), [handsOver, enabled], () =>
    handsOver ? [button(HAND_OVER, enabled, async () => (await sure(SURE)) && take(HAND_OVER.step), "second")] : []);
  unlessSame(at("quick"), [phase, enabled], () =>
    (QUICK[phase] ?? []).map(([label, text]) => make("button", { type: "button", className: "chip", text: label, title: text, disabled: !enabled, onclick: () => say(text) })));
}

// Say why something was not done, until something is.
export function showRefusal(text) {
  clearRefusal();
  at("steps").prepend(make("p", { className: "notice bad", role: "alert", text: `Not done: ${text}` }));
}

export function clearRefusal() {
  at("steps").querySelector(".notice")?.remove();
}

function button({ step, label }, enabled, onclick, className = "") {
  return make("button", { type: "button", text: label, "data-step": step, className, disabled: !enabled, onclick });
}

// Buttons that are still right stay, so that a click or the focus is not lost.
function unlessSame(box, state, content) {
  const text = JSON.stringify(state);
  if (box.dataset.state === text) return;
  box.dataset.state = text;
  box.replaceChildren(...content());
}

function sure(question) {
  const dialog = at("sure");
  at("sure-text").textContent = question;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }));
}
