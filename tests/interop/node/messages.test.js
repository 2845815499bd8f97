// What messages can hold, and how many go into a batch, by the JavaScript SDK.

const assert = require("node:assert/strict");
const { after, before, beforeEach, test } = require("node:test");
const { ServiceBusClient } = require("@azure/service-bus");
const { Emulator } = require("./programs.js");
const { refused } = require("./refusals.js");

const WAIT = { maxWaitTimeInMs: 10_000 };
const ONE_TRY = { retryOptions: { maxRetries: 0, timeoutInMs: 10_000 } };

let emulator;
let client;
let queue;

before(async () => {
  emulator = await Emulator.start(30);
  client = new ServiceBusClient(emulator.connectionString, ONE_TRY);
});

after(async () => {
  await client.close();
  assert.equal(await emulator.stop(), 0);
});

beforeEach(() => {
  queue = emulator.nextQueue();
});

/** A message as the queue gives it back. */
async function returned(message, options = {}) {
  await client.createSender(queue).sendMessages(message);
  const receiver = client.createReceiver(queue, { receiveMode: "receiveAndDelete", ...options });
  const [received] = await receiver.receiveMessages(1, WAIT);
  await receiver.close();
  return received;
}

const JSON_BODIES = [
  ["a text", "text"],
  ["an object", { a: [1, { b: null }], c: true }],
  ["a list", [1, "two", null]],
  ["a number", 42.5],
  ["nothing", null],
];

for (const [name, body] of JSON_BODIES) {
  test(`a body that is ${name}`, async () => {
    assert.deepEqual((await returned({ body })).body, body);
  });
}

const AMQP_BODIES = [
  ["data", Buffer.from([0, 1, 255])],
  ["value", "text"],
  ["value", { map: { of: "values" }, list: [1, 2] }],
  ["value", 7],
  ["sequence", [1, "two", [3]]],
];

for (const [bodyType, body] of AMQP_BODIES) {
  test(`an AMQP body of type ${bodyType}: ${typeof body}`, async () => {
    const received = await returned({ bodyType, body }, { skipParsingBodyAsJson: true });
    assert.equal(received._rawAmqpMessage.bodyType, bodyType);
    assert.deepEqual(received.body, body);
  });
}

test("every property comes back", async () => {
  const message = {
    body: "x",
    messageId: "id",
    contentType: "text/plain",
    correlationId: "other",
    subject: "about",
    to: "there",
    replyTo: "here",
    replyToSessionId: "their session",
    sessionId: "session",
    partitionKey: "session",
    timeToLive: 60_000,
    applicationProperties: { text: "t", number: 1.5, flag: false, nothing: null },
  };
  const received = await returned(message);
  for (const [name, value] of Object.entries(message)) assert.deepEqual(received[name], value, name);
  assert.equal(received.expiresAtUtc - received.enqueuedTimeUtc, 60_000);
});

test("a message without an id gets one", async () => {
  assert.match((await returned({ body: "x" })).messageId, /^[0-9a-f]{32}$|^[0-9a-f-]{36}$/);
});

test("a batch takes what fits and no more", async () => {
  const sender = client.createSender(queue);
  const batch = await sender.createMessageBatch();
  assert.equal(batch.maxSizeInBytes, 262_144);
  const body = Buffer.alloc(50_000);
  let added = 0;
  while (batch.tryAddMessage({ body })) added += 1;
  assert.deepEqual([added, batch.count], [5, 5]);
  assert.ok(batch.sizeInBytes <= batch.maxSizeInBytes, String(batch.sizeInBytes));
  await sender.sendMessages(batch);
  assert.equal((await client.createReceiver(queue).receiveMessages(10, WAIT)).length, 5);
});

test("a batch is as small as it is asked to be", async () => {
  const sender = client.createSender(queue);
  const batch = await sender.createMessageBatch({ maxSizeInBytes: 1_000 });
  assert.equal(batch.tryAddMessage({ body: Buffer.alloc(2_000) }), false);
  assert.ok(batch.tryAddMessage({ body: Buffer.alloc(500) }));
  await assert.rejects(sender.createMessageBatch({ maxSizeInBytes: 300_000 }), /greater than maximum message size \(262144 bytes\)/);
});

test("a list that is too large for one batch is refused as a whole", async () => {
  const sender = client.createSender(queue);
  const many = Array.from({ length: 6 }, () => ({ body: Buffer.alloc(50_000) }));
  await refused(sender.sendMessages(many), "MessageSizeExceeded");
  assert.deepEqual(await client.createReceiver(queue).peekMessages(1), []);
});

test("the messages of a batch keep what is their own", async () => {
  const sender = client.createSender(queue);
  await sender.sendMessages(["a", "b"].map((body) => ({ body, messageId: body, applicationProperties: { body } })));
  const received = await client.createReceiver(queue).receiveMessages(2, WAIT);
  assert.deepEqual(
    received.map((one) => [one.body, one.messageId, one.applicationProperties.body, one.sequenceNumber.toNumber()]),
    [["a", "a", "a", 1], ["b", "b", "b", 2]],
  );
});

test("a larger message fits where the tier allows it", async () => {
  const premium = await Emulator.start(1, ["--tier", "premium"]);
  const own = new ServiceBusClient(premium.connectionString, ONE_TRY);
  try {
    const sender = own.createSender("q0");
    assert.equal((await sender.createMessageBatch()).maxSizeInBytes, 1_048_576);
    const body = Buffer.alloc(900_000, 7);
    await sender.sendMessages({ body });
    const [received] = await own.createReceiver("q0").receiveMessages(1, WAIT);
    assert.ok(received.body.equals(body));
  } finally {
    await own.close();
    await premium.stop();
  }
});
