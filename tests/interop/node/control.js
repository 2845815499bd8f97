// What the emulator offers over HTTP that the service does not: its clocks, its faults.

const assert = require("node:assert/strict");

class Control {
  constructor(emulator) {
    this.address = `${emulator.httpAddress}/$emulator`;
  }

  /** Moves message time; what falls due by that has happened afterwards. A span as in ISO 8601. */
  async advance(span) {
    await this.request("POST", "clock", { advance: span });
  }

  /** Message time stands still, but for `advance`. */
  async freeze() {
    await this.request("POST", "clock", { frozen: true });
  }

  /** Message time as a `Date`. */
  async now() {
    return new Date((await this.request("GET", "clock")).now);
  }

  /** Moves transport time: idle limits, and the expiry of tokens. */
  async advanceTransport(span) {
    await this.request("POST", "transport-clock", { advance: span });
  }

  /** Injects a fault and returns its id. */
  async fault(kind, scope = {}) {
    return (await this.request("POST", "faults", { kind, ...scope })).id;
  }

  /** How often a fault has acted. */
  async hits(id) {
    return (await this.request("GET", `faults/${id}`)).hits;
  }

  async clearFaults() {
    await this.request("DELETE", "faults");
  }

  async request(method, path, body) {
    const answer = await fetch(`${this.address}/${path}`, { method, body: body && JSON.stringify(body) });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    return text && JSON.parse(text);
  }
}

module.exports = { Control };
