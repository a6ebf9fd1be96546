// Forms that speak with the interface: what stands in the fields goes out as JSON, and what the server
// says is shown beside the button. A form marked `data-once` keeps its key until it is done, so that a
// click repeated after a lost connection registers nobody twice.

import { ask, backoff, newKey, pause, Refused, Unreachable } from "./requests.js";

const TYPES = {
  flag: (_, field) => field.checked,
  number: (value) => Number(value),
  list: (value) => value.split(",").map((part) => part.trim()).filter(Boolean),
};

function setAt(target, path, value) {
  const names = path.split(".");
  const last = names.pop();
  let place = target;
  for (const name of names) place = place[name] ??= {};
  place[last] = value;
}

// The fields as JSON. Empty fields are left out; a name with dots is a path.
function contentOf(form) {
  const body = {};
  for (const field of form.elements) {
    if (!field.name) continue;
    const type = field.dataset.type;
    if (type === "many") {
      const chosen = [...form.querySelectorAll(`[name="${field.name}"]:checked`)].map((one) => one.value);
      if (chosen.length) setAt(body, field.name, chosen);
    } else if (field.type === "checkbox" && type !== "flag") {
      if (field.checked) setAt(body, field.name, field.value);
    } else if (field.value.trim() !== "") {
      setAt(body, field.name, TYPES[type] ? TYPES[type](field.value, field) : field.value);
    }
  }
  return body;
}

// A whole link was pasted where only what follows the # is wanted.
function secretIn(value) {
  const text = value.trim();
  return text.includes("#") ? text.slice(text.lastIndexOf("#") + 1) : text;
}

async function stubborn(request, say) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await request();
    } catch (error) {
      if (!(error instanceof Unreachable) || attempt > 40) throw error;
      if (attempt > 0) say(`${error.message} Trying again…`, "waiting");
      await pause(Math.max(error.afterMs, backoff(attempt)));
    }
  }
}

const keys = new WeakMap(); // the key belongs to the content: other content is another request

function keyFor(form, body) {
  const content = JSON.stringify(body);
  const kept = keys.get(form);
  if (kept?.content === content) return kept.key;
  const key = newKey();
  keys.set(form, { content, key });
  return key;
}

function local(path) {
  try {
    const url = new URL(path, location.origin);
    return url.origin === location.origin ? url.pathname + url.search : null;
  } catch {
    return null;
  }
}

async function enter(token, say) {
  const kept = await stubborn(() => ask("/enter", { method: "POST", body: { token } }), say);
  const next = new URLSearchParams(location.search).get("next");
  location.replace((next && local(next)) || kept.go);
}

function showLink(form, secret, said) {
  const url = location.origin + form.dataset.link + secret;
  const code = document.createElement("code");
  code.textContent = url;
  said.replaceChildren("One-time link, for three days: ", code, " ", copyButton(url));
}

function copyButton(text) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.dataset.copy = text;
  button.textContent = "Copy";
  return button;
}

async function submitted(form) {
  const said = form.querySelector(".said") ?? document.getElementById("said");
  const say = (text, kind = "") => {
    if (!said) return;
    said.textContent = text;
    said.className = `said ${kind}`;
  };
  const { api, confirm: question, then, field, link } = form.dataset;
  if (question && !window.confirm(question)) return;
  const body = contentOf(form);
  if (field && body[field]) body[field] = secretIn(body[field]);
  const buttons = form.querySelectorAll("button");
  buttons.forEach((button) => { button.disabled = true; });
  say("…", "waiting");
  try {
    const key = "once" in form.dataset ? keyFor(form, body) : newKey();
    const found = await stubborn(() => ask(api, { method: "POST", body, key }), say);
    say(form.dataset.said ? `Done: ${form.dataset.said}.` : "", "good");
    if (then === "enter") await enter(found.token, say);
    else if (then === "reload") location.reload();
    else if (link) showLink(form, found.link, said);
    else if (found.go) location.replace(found.go);
    document.dispatchEvent(new CustomEvent("holdfast:changed"));
  } catch (error) {
    say(error.message, "bad");
    const name = error instanceof Refused ? error.problem.field : null;
    if (name && form.elements[name]?.focus) form.elements[name].focus();
  } finally {
    buttons.forEach((button) => { button.disabled = false; });
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.api) {
    event.preventDefault();
    submitted(form);
  } else if (form.dataset.goto) {
    event.preventDefault();
    const code = form.elements[0].value.trim();
    if (code) location.assign(form.dataset.goto + encodeURIComponent(code));
  }
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.copy !== undefined) {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Please select and copy";
    }
  } else if (button?.dataset.leave !== undefined) {
    const left = await ask("/leave", { method: "POST" }).catch(() => ({ go: "/" }));
    location.replace(left.go);
  }
});

// The secret of a link stands after the #. It is taken out of the address before anything else, so
// that it stays in no history; a one-time link is used at once, which is what it was opened for.
const opened = document.querySelector("form[data-fragment]");
if (opened && location.hash.length > 10) {
  opened.elements[opened.dataset.field].value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname + location.search);
  submitted(opened);
}
