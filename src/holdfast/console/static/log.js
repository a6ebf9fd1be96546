// The conversation. A message of the student is there at once, marked as not yet saved; the mark
// becomes a tick when the server says so. A reply grows as drafts and gets its tick when it is saved.

import { at, clinical, make } from "./dom.js";

const SPEAKERS = { cognitive_coach: "Coach", core_agent: "At the patient", aar_agent: "Reviewer" };
const MARKS = {
  saved: ["✓", "saved"],
  sending: ["…", "not saved yet"],
  waiting: ["✓", "saved, waiting for the reply"],
  draft: ["…", "still being written"],
};

export class Log {
  #box = at("log");
  #bySeq = new Map();
  #byKey = new Map();
  #atEnd = true; // whoever reads further up is not thrown to the end
  #height = 0;
  lastSeq = 0;

  constructor() {
    const box = this.#box;
    box.addEventListener("scroll", () => {
      if (box.clientHeight === this.#height) this.#atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 60;
    }, { passive: true });
    new ResizeObserver(() => {
      this.#height = box.clientHeight;
      if (this.#atEnd) this.toEnd();
    }).observe(box);
  }

  // The end of the conversation, or the beginning of its last message if that is longer than the box.
  toEnd() {
    const [box, last] = [this.#box, this.#box.lastElementChild];
    this.#atEnd = true;
    const long = last?.dataset.mark === "saved" && last.offsetHeight > box.clientHeight - 20;
    box.scrollTop = long ? last.offsetTop - 4 : box.scrollHeight;
  }

  clear() {
    this.#box.replaceChildren();
    this.#bySeq.clear();
    this.#byKey.clear();
    this.lastSeq = 0;
  }

  // Messages as the server has them. One that is here already only gets its tick.
  show(messages, pending = []) {
    for (const message of messages) {
      this.lastSeq = Math.max(this.lastSeq, message.seq);
      const known = this.#bySeq.get(message.seq) ?? this.#byKey.get(message.idempotencyKey);
      const mark = pending.includes(message.seq) ? "waiting" : "saved";
      if (known) this.#settle(known, message.seq, mark);
      else this.#add(message, mark);
    }
  }

  // What the student has just said, or said before a reload and nobody has confirmed.
  said(key, text) {
    if (this.#byKey.has(key)) return;
    this.#add({ role: "user", content: text, idempotencyKey: key }, "sending");
  }

  unsaid(key) {
    this.#byKey.get(key)?.remove();
    this.#byKey.delete(key);
  }

  // A place for the reply that is being written to what was said under this key.
  draft(key, agent) {
    const bubble = this.#add({ role: "assistant", agent, content: "" }, "draft");
    bubble.setAttribute("aria-busy", "true");
    this.#byKey.get(key)?.after(bubble);
    return {
      add: (text) => {
        bubble.querySelector("p").textContent += text;
        if (this.#atEnd) this.toEnd();
      },
      clear: () => { bubble.querySelector("p").textContent = ""; },
      drop: () => bubble.remove(),
    };
  }

  saved(key, answer, agent) {
    const own = this.#byKey.get(key);
    if (own) this.#settle(own, answer.messageSeq, "saved");
    if (!this.#bySeq.has(answer.replySeq)) {
      const reply = { seq: answer.replySeq, replyTo: answer.messageSeq, role: "assistant", agent, content: answer.message };
      this.#add({ ...reply, clinicalTimeS: answer.clinicalTimeS }, "saved");
    }
    // What came between, from another tab, has not been seen yet: then the next look brings it.
    if (answer.messageSeq === this.lastSeq + 1 && answer.replySeq === answer.messageSeq + 1) this.lastSeq = answer.replySeq;
  }

  #add(message, mark) {
    const arrival = message.agent === "core_agent" && message.seq && !message.replyTo;
    const who = message.role === "user" ? "You" : arrival ? "Arrival" : SPEAKERS[message.agent] ?? "";
    const time = message.clinicalTimeS == null ? "" : ` ${clinical(message.clinicalTimeS)}`;
    const head = make("h3", { text: who }, make("span", { className: "hint", text: time }));
    const bubble = make("article", { className: `message ${message.role}` }, head, make("p", { text: message.content }));
    bubble.append(make("span", { className: "mark" }));
    this.#settle(bubble, message.seq, mark);
    if (message.idempotencyKey) this.#byKey.set(message.idempotencyKey, bubble);
    this.#place(bubble, message.seq);
    if (this.#atEnd || message.role === "user") this.toEnd();
    return bubble;
  }

  // In the order of the session; what is not saved yet has no place in it and comes last.
  #place(bubble, seq) {
    const later = seq && [...this.#box.children].find((one) => Number(one.dataset.seq ?? Infinity) > seq);
    if (later) later.before(bubble);
    else this.#box.append(bubble);
  }

  #settle(bubble, seq, mark) {
    const [sign, meaning] = MARKS[mark];
    bubble.dataset.mark = mark;
    if (seq) {
      bubble.dataset.seq = seq;
      this.#bySeq.set(seq, bubble);
    }
    const place = bubble.querySelector(".mark");
    place.textContent = mark === "waiting" ? `${sign} …` : sign;
    place.title = meaning;
    place.setAttribute("role", "img");
    place.setAttribute("aria-label", meaning);
  }
}
