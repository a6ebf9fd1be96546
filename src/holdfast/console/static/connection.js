// Whether the server is there. Asking goes on until it answers; meanwhile somebody is told.

import { backoff, pause, Unreachable } from "./requests.js";

export class Connection {
  lost = false;

  constructor(onChange) {
    this.onChange = onChange;
  }

  // Called with every failure. A server that is busy for a moment is no news, a silent one is.
  failed(error) {
    if (this.lost || (error.answered && error.code !== "store_unavailable")) return;
    this.lost = true;
    this.onChange();
  }

  answered() {
    if (!this.lost) return;
    this.lost = false;
    this.onChange();
  }

  // Wait, longer with every attempt. The browser may know before we do that the network is back.
  async rest(error, attempt) {
    const back = new Promise((done) => window.addEventListener("online", done, { once: true }));
    await Promise.race([pause(Math.max(error.afterMs, backoff(attempt))), back]);
  }

  async stubborn(request) {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const answer = await request();
        this.answered();
        return answer;
      } catch (error) {
        if (!(error instanceof Unreachable)) throw error;
        this.failed(error);
        await this.rest(error, attempt);
      }
    }
  }
}
