// What the student knows of the patient: measured vital signs, notes, dispatch, clinical time.

import { at, clinical, make } from "./dom.js";

const SIGNS = [
  { label: "HR", long: "Heart rate", unit: "/min", of: (m) => one(m.heart_rate, 0), className: "hr" },
  { label: "SpO₂", long: "Oxygen saturation", unit: "%", of: (m) => one(m.spo2, 0), className: "spo2" },
  { label: "BP", long: "Blood pressure", unit: "mmHg", of: pressure, className: "bp" },
  { label: "RR", long: "Respiratory rate", unit: "/min", of: (m) => one(m.respiratory_rate, 0), className: "rr" },
  { label: "Temp", long: "Temperature", unit: "°C", of: (m) => one(m.temperature, 1), className: "temp" },
  { label: "GCS", long: "Glasgow coma scale", unit: "/15", of: (m) => one(m.gcs, 0), className: "gcs" },
  { label: "Glucose", long: "Blood glucose", unit: "mmol/l", of: (m) => one(m.glucose, 1), className: "glucose" },
  { label: "Pain", long: "Pain score", unit: "/10", of: (m) => one(m.pain, 0), className: "pain" },
];

const DISPATCH = {
  call_type: "Call",
  age: "Age",
  sex: "Sex",
  location: "Where",
  caller: "Caller",
  time_of_call: "Time of call",
  additional_info: "More",
};

function one(reading, digits) {
  return reading && { value: reading.value.toFixed(digits), at: reading.at_s };
}

function pressure(measured) {
  const { systolic: high, diastolic: low } = measured;
  if (!high) return null;
  return { value: `${high.value.toFixed(0)}/${low ? low.value.toFixed(0) : "?"}`, at: high.at_s };
}

export class Bedside {
  #from = null; // the clinical time the server told last, when, and how fast it runs
  #notes = null;

  constructor() {
    setInterval(() => this.#tick(), 500);
  }

  show(standing) {
    at("bedside").hidden = !standing.dispatchInfo;
    if (!standing.dispatchInfo) return;
    const runs = standing.status === "IN_PROGRESS" && !standing.scenarioOver;
    this.#from = { seconds: standing.clinicalTimeS, at: performance.now(), speed: runs ? standing.timeScale : 0 };
    this.#tick();
    at("looks").hidden = !standing.patientLooks;
    at("looks").textContent = standing.patientLooks ?? "";
    this.#showDispatch(standing.dispatchInfo, standing.patientInfo);
    this.#showNotes(standing.patientNotes ?? []);
  }

  // The clinical clock stands still while the service is away, so the one on the page does too.
  halt() {
    if (this.#from) this.#from = { seconds: this.#time(), at: performance.now(), speed: 0 };
  }

  showMeasured(measured) {
    at("vitals").replaceChildren(...SIGNS.map((sign) => {
      const seen = sign.of(measured);
      const name = make("dt", {}, make("abbr", { text: sign.label, title: sign.long }), make("span", { className: "unit", text: sign.unit }));
      const value = make("dd", { text: seen ? seen.value : "–" });
      value.append(make("span", { className: "when", text: seen ? `at ${clinical(seen.at)}` : "not measured" }));
      return make("div", { className: `sign ${sign.className} ${seen ? "" : "unknown"}` }, name, value);
    }));
  }

  #time() {
    const { seconds, at: since, speed } = this.#from;
    return seconds + ((performance.now() - since) / 1000) * speed;
  }

  #tick() {
    if (this.#from) at("clock").textContent = clinical(this.#time());
  }

  #showDispatch(dispatch, patient) {
    const rows = Object.entries(DISPATCH).filter(([name]) => dispatch[name]).map(([name, label]) => [label, dispatch[name]]);
    if (patient?.name) rows.push(["Patient", [patient.name, patient.age && `${patient.age} years`, patient.sex].filter(Boolean).join(", ")]);
    at("dispatch").replaceChildren(...rows.flatMap(([label, text]) => [make("dt", { text: label }), make("dd", { text })]));
  }

  #showNotes(notes) {
    const same = JSON.stringify(notes);
    if (same === this.#notes) return;
    this.#notes = same;
    at("notes-count").textContent = notes.length ? `(${notes.length})` : "";
    const items = notes.map((note) =>
      make("li", {}, make("b", { text: note.name }), make("span", { className: "hint", text: ` ${clinical(note.atS)} ` }), make("span", { text: note.text })));
    at("notes").replaceChildren(...(items.length ? items : [make("li", { className: "hint", text: "What you find out about the patient is noted here." })]));
  }
}
