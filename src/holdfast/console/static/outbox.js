// What was said or asked for and is not yet known to be saved. Each item lies in localStorage under a
// name of its own until the server says that it is saved, so that neither a reload nor a second tab
// loses or doubles one: it goes out again with the same key.

const PREFIX = "holdfast/outbox/";

export class Outbox {
  #memory = new Map(); // where the browser gives no storage; then a reload loses what is pending

  constructor(sessionId) {
    this.prefix = `${PREFIX}${sessionId}/`;
  }

  put(item) {
    const name = this.prefix + item.key;
    try {
      localStorage.setItem(name, JSON.stringify(item));
    } catch {
      this.#memory.set(name, item);
    }
  }

  remove(key) {
    this.#memory.delete(this.prefix + key);
    try {
      localStorage.removeItem(this.prefix + key);
    } catch {
      // it was in memory only
    }
  }

  // Oldest first: what was said first is sent first.
  items() {
    const found = [...this.#memory.values()];
    try {
      for (let i = 0; i < localStorage.length; i += 1) {
        const name = localStorage.key(i);
        if (!name.startsWith(this.prefix)) continue;
        const item = readable(localStorage.getItem(name));
        if (item) found.push(item);
        else localStorage.removeItem(name);
      }
    } catch {
      // no storage
    }
    return found.sort((a, b) => a.at - b.at);
  }

  first() {
    return this.items()[0];
  }
}

function readable(text) {
  try {
    const item = JSON.parse(text);
    return item && item.key && item.step ? item : null;
  } catch {
    return null;
  }
}
