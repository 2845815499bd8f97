// Keys, ready-made tokens and token credentials, and what they permit, as the JavaScript SDK uses them.

const assert = require("node:assert/strict");
const { createHmac } = require("node:crypto");
const { after, before, test } = require("node:test");
const tls = require("node:tls");
const { ServiceBusClient } = require("@azure/service-bus");
const { administration, administrationWith } = require("./administration.js");
const { Emulator } = require("./programs.js");
const { refused, refusedByHttp } = require("./refusals.js");

const WAIT = { maxWaitTimeInMs: 10_000 };
const ONE_TRY = { retryOptions: { maxRetries: 0, timeoutInMs: 10_000 } };
const HOUR = 3_600;

let emulator;
let admin;
let host;
let clients;

before(async () => {
  emulator = await Emulator.start(4, ["--accept-jwt", "--tls-port", "0"]);
  admin = administration(emulator);
  // Without a connection string, the SDK connects by TLS.
  host = emulator.tlsConnectionString.match(/localhost:\d+/)[0];
  const connect = tls.connect;
  tls.connect = (options, ...rest) => connect({ ...options, ca: emulator.rootCertificate }, ...rest);
  clients = [];
});

after(async () => {
  for (const client of clients) await client.close();
  assert.equal(await emulator.stop(), 0);
});

function connected(...parts) {
  const client = new ServiceBusClient(...parts, ONE_TRY);
  clients.push(client);
  return client;
}

/** Whether a client can send to a queue and receive from it. */
async function exchanges(client, queue) {
  await client.createSender(queue).sendMessages({ body: "x" });
  const [received] = await client.createReceiver(queue, { receiveMode: "receiveAndDelete" }).receiveMessages(1, WAIT);
  assert.equal(received.body, "x");
}

const now = () => Math.floor(Date.now() / 1000);

function sas(path, [name, key], expiry) {
  const resource = encodeURIComponent(`sb://${host}/${path}`);
  const signature = createHmac("sha256", key).update(`${resource}\n${expiry}`).digest("base64");
  return `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=${name}`;
}

/** A token credential as of Entra ID, with the audiences that it was asked for. */
function entra(expiry = now() + HOUR, audience = "https://servicebus.azure.net") {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const scopes = [];
  return {
    scopes,
    async getToken(scope) {
      scopes.push(scope);
      const token = `${part({ alg: "none" })}.${part({ aud: audience, exp: expiry })}.`;
      return { token, expiresOnTimestamp: expiry * 1000 };
    },
  };
}

test("a name and a key", async () => {
  const [name, key] = emulator.key;
  const queue = emulator.nextQueue();
  await exchanges(connected(host, { name, key }), queue);
  const stranger = connected(host, { name, key: "d3Jvbmc=" });
  await refused(stranger.createSender(queue).sendMessages({ body: "x" }), "UnauthorizedAccess", /InvalidSignature|signature/);
  const nobody = connected(host, { name: "nobody", key });
  await refused(nobody.createReceiver(queue).receiveMessages(1, WAIT), "UnauthorizedAccess");
});

test("a ready-made token holds until it expires, and for its path alone", async () => {
  const queue = emulator.nextQueue();
  const other = `${queue}-other`;
  await admin.createQueue(other);
  const token = sas(queue, emulator.key, now() + HOUR);
  const client = connected(host, { signature: token });
  await exchanges(client, queue);
  await refused(client.createSender(other).sendMessages({ body: "x" }), "UnauthorizedAccess");
  const late = connected(host, { signature: sas(queue, emulator.key, now() - 1) });
  await refused(late.createSender(queue).sendMessages({ body: "x" }), "UnauthorizedAccess", /[Ee]xpired/);
  const text = emulator.connectionString.replace(/SharedAccessKeyName=.*SharedAccessKey=[^;]*/, `SharedAccessSignature=${token}`);
  await exchanges(connected(text), queue);
});

test("a token credential", async () => {
  const queue = emulator.nextQueue();
  const credential = entra();
  await exchanges(connected(host, credential), queue);
  assert.ok(credential.scopes.flat().every((scope) => /^https:\/\/servicebus\.azure\.net\//.test(scope)), credential.scopes);
  const late = connected(host, entra(now() - 1));
  await refused(late.createSender(queue).sendMessages({ body: "x" }), "UnauthorizedAccess");
  const foreign = connected(host, entra(now() + HOUR, "https://storage.azure.com"));
  await refused(foreign.createSender(queue).sendMessages({ body: "x" }), "UnauthorizedAccess");
});

test("a token credential manages entities", async () => {
  const manager = administrationWith(emulator, entra());
  await manager.createQueue("by-token-target");
  const created = await manager.createQueue("by-token", { forwardTo: "by-token-target" });
  assert.match(created.forwardTo, /by-token-target$/);
  const late = administrationWith(emulator, entra(now() - 1));
  await refusedByHttp(late.getQueue("by-token"), "UnauthorizedRequestError", 401, /./);
});

test("the keys of an entity have their rights there and nowhere else", async () => {
  const rules = ["Send", "Listen"].map((right) => ({
    claimType: "SharedAccessKey",
    accessRights: [right],
    keyName: right.toLowerCase(),
    primaryKey: `primary ${right}`,
    secondaryKey: `secondary ${right}`,
  }));
  await admin.createQueue("keyed", { authorizationRules: rules });
  const writer = connected(host, { name: "send", key: "primary Send" });
  const reader = connected(host, { name: "listen", key: "secondary Listen" });
  await writer.createSender("keyed").sendMessages({ body: "x" });
  const [received] = await reader.createReceiver("keyed").receiveMessages(1, WAIT);
  assert.equal(received.body, "x");
  await refused(writer.createReceiver("keyed").receiveMessages(1, WAIT), "UnauthorizedAccess", /'Listen' claim/);
  await refused(reader.createSender("keyed").sendMessages({ body: "x" }), "UnauthorizedAccess", /'Send' claim/);
  await refused(writer.createSender(emulator.nextQueue()).sendMessages({ body: "x" }), "UnauthorizedAccess");
  const meddler = administrationWith(emulator, { name: "send", key: "primary Send" });
  await refusedByHttp(meddler.deleteQueue("keyed"), "UnauthorizedRequestError", 401, /./);
});
