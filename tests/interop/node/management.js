// Entities made through the emulator's management API, in the form of the service's own requests.

const assert = require("node:assert/strict");
const { createHmac } = require("node:crypto");

const CONNECT = "http://schemas.microsoft.com/netservices/2010/10/servicebus/connect";

/** Creates entities; `settings` are elements of their descriptions, in any order. */
class Management {
  constructor(address, keyName, key) {
    this.address = address;
    this.keyName = keyName;
    this.key = key;
  }

  async createQueue(name, settings) {
    const elements = Object.entries(settings).map(([key, value]) => `<${key}>${value}</${key}>`);
    const answer = await fetch(`${this.address}/${name}?api-version=2021-05`, {
      method: "PUT",
      headers: { Authorization: this.token(), "Content-Type": "application/atom+xml" },
      body:
        '<entry xmlns="http://www.w3.org/2005/Atom"><content type="application/xml">' +
        `<QueueDescription xmlns="${CONNECT}">${elements.join("")}</QueueDescription></content></entry>`,
    });
    assert.equal(answer.status, 201, await answer.text());
  }

  token() {
    const resource = encodeURIComponent(this.address);
    const expiry = Math.floor(Date.now() / 1000) + 300;
    const signed = createHmac("sha256", this.key).update(`${resource}\n${expiry}`).digest("base64");
    return `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signed)}&se=${expiry}&skn=${this.keyName}`;
  }
}

module.exports = { Management };
