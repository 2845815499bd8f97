// The JavaScript SDK at one end of the emulator, our client at the other.

const assert = require("node:assert/strict");
const { after, before, beforeEach, test } = require("node:test");
const { ServiceBusClient } = require("@azure/service-bus");
const { Emulator, Peer, message, textMessage, textOf } = require("./programs.js");
const { explicit, ourView, sdkView, toSdk } = require("./sdk_messages.js");

const WAIT = { maxWaitTimeInMs: 10_000 };
// What is refused is reported at once.
const ONE_TRY = { retryOptions: { maxRetries: 0, timeoutInMs: 10_000 } };
const RAW = { skipParsingBodyAsJson: true };
const LARGE = "0123456789".repeat(20_000);

let emulator;
let client;
let peer;
let queue;

before(async () => {
  emulator = await Emulator.start(40);
  client = new ServiceBusClient(emulator.connectionString, ONE_TRY);
  peer = new Peer(emulator.connectionString);
});

after(async () => {
  await client.close();
  assert.equal(await emulator.stop(), 0);
});

beforeEach(() => {
  queue = emulator.nextQueue();
});

async function sdkSend(texts, form) {
  const sender = client.createSender(queue);
  const messages = texts.map((text) => ({ body: Buffer.from(text) }));
  if (form === "batch") {
    const batch = await sender.createMessageBatch();
    for (const one of messages) assert.ok(batch.tryAddMessage(one));
    await sender.sendMessages(batch);
  } else if (form === "list") {
    await sender.sendMessages(messages);
  } else {
    for (const one of messages) await sender.sendMessages(one);
  }
  await sender.close();
}

async function sdkReceive(count, settle, options = {}) {
  const receiver = client.createReceiver(queue, { ...RAW, ...options });
  const received = [];
  while (received.length < count) {
    const batch = await receiver.receiveMessages(count - received.length, WAIT);
    assert.ok(batch.length > 0, `${received.length} of ${count} messages came`);
    for (const one of batch) await settle?.(receiver, one);
    received.push(...batch);
  }
  await receiver.close();
  return received;
}

const complete = (receiver, one) => receiver.completeMessage(one);
const abandon = (receiver, one) => receiver.abandonMessage(one);
const texts = (received) => received.map((one) => one.body.toString());

const FORMS = [
  ["single", "single", ["one"]],
  ["list", "list", ["a", "b", "c"]],
  ["batch", "batch", ["a", "b", "c", "d"]],
  ["200 kB", "single", [LARGE]],
];

for (const [name, form, sent] of FORMS) {
  test(`the SDK sends, we receive: ${name}`, async () => {
    await sdkSend(sent, form);
    const received = await peer.receive(queue, sent.length, "--settle", "complete");
    assert.deepEqual(received.map(textOf), sent);
    assert.deepEqual(await peer.peek(queue, 1), []);
  });

  test(`we send, the SDK receives: ${name}`, async () => {
    await peer.send(queue, sent.map(textMessage), form);
    assert.deepEqual(texts(await sdkReceive(sent.length, complete)), sent);
    assert.deepEqual(await peer.peek(queue, 1), []);
  });
}

/** Compares two deliveries of one message: the later one differs in its lock and its count. */
function assertSame(earlier, later) {
  for (const view of [earlier, later]) {
    assert.ok(view["message-annotations"]["x-opt-locked-until"] > 0);
    delete view["message-annotations"]["x-opt-locked-until"];
  }
  assert.equal(later.header.deliveryCount, 1);
  assert.equal(earlier.header.deliveryCount ?? 0, 0);
  earlier.header.deliveryCount = 1;
  assert.deepEqual(later, earlier);
}

test("both see the same message of ours", async () => {
  const sent = message("complete");
  await peer.send(queue, [sent]);
  const [bySdk] = await sdkReceive(1, abandon);
  const [byUs] = await peer.receive(queue, 1, "--settle", "complete");
  const view = sdkView(bySdk);
  const expected = ourView(sent);
  for (const section of ["header", "properties", "application-properties", "body"]) {
    assert.deepEqual(view[section], expected[section], section);
  }
  assertSame(view, ourView(byUs));
});

test("both see the same message of the SDK", async () => {
  const sent = message("complete");
  const sender = client.createSender(queue);
  await sender.sendMessages(toSdk(sent));
  await sender.close();
  const [byUs] = await peer.receive(queue, 1, "--settle", "abandon");
  const [bySdk] = await sdkReceive(1, complete);
  // Our view keeps the exact types, and so shows whether one was changed on its way.
  assert.deepEqual(byUs["application-properties"], sent["application-properties"]);
  assert.deepEqual(byUs.header, sent.header);
  const { "user-id": _, ...properties } = sent.properties;
  assert.deepEqual(byUs.properties, properties);
  assertSame(ourView(byUs), sdkView(bySdk));
});

test("every property type of the SDK is kept", async () => {
  const values = message("complete")["application-properties"];
  const applicationProperties = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, explicit(value)]),
  );
  const sender = client.createSender(queue);
  await sender.sendMessages({ body: Buffer.from("typed"), applicationProperties });
  await sender.close();
  const [received] = await peer.receive(queue, 1, "--settle", "complete");
  assert.deepEqual(received["application-properties"], values);
});

test("what we settle the SDK sees", async () => {
  await sdkSend(["abandoned"], "single");
  await peer.receive(queue, 1, "--settle", "abandon");
  const [again] = await sdkReceive(1, complete);
  assert.deepEqual([again.body.toString(), again.deliveryCount], ["abandoned", 1]);
  await sdkSend(["dead"], "single");
  await peer.receive(queue, 1, "--settle", "dead-letter");
  const [dead] = await sdkReceive(1, complete, { subQueueType: "deadLetter" });
  assert.deepEqual([dead.deadLetterReason, dead.deadLetterErrorDescription], ["interop", "told to"]);
});

test("what the SDK settles we see", async () => {
  await peer.send(queue, ["abandoned"].map(textMessage));
  await sdkReceive(1, abandon);
  const [again] = await peer.receive(queue, 1, "--settle", "complete");
  assert.deepEqual([textOf(again), again.header["delivery-count"].value], ["abandoned", "1"]);
  await peer.send(queue, ["dead"].map(textMessage));
  const reason = { deadLetterReason: "why", deadLetterErrorDescription: "in detail" };
  await sdkReceive(1, (receiver, one) => receiver.deadLetterMessage(one, reason));
  const [dead] = await peer.receive(queue, 1, "--sub-queue", "dead-letter", "--settle", "complete");
  assert.deepEqual(dead["application-properties"], {
    DeadLetterReason: { type: "string", value: "why" },
    DeadLetterErrorDescription: { type: "string", value: "in detail" },
  });
});

test("our renewal moves the lock", async () => {
  await sdkSend(["renewed"], "single");
  const [received] = await peer.receive(queue, 1, "--settle", "renew");
  const locked = Number(received["message-annotations"]["x-opt-locked-until"].value);
  assert.ok(received["renewed-until"] >= locked, `${received["renewed-until"]} after ${locked}`);
});

test("both peek the same", async () => {
  await peer.send(queue, [message("complete"), textMessage("second")]);
  const ours = await peer.peek(queue, 5);
  const receiver = client.createReceiver(queue, RAW);
  const theirs = await receiver.peekMessages(5);
  await receiver.close();
  assert.equal(ours.length, 2);
  assert.deepEqual(theirs.map(sdkView), ours.map(ourView));
});

test("each receives and deletes", async () => {
  await sdkSend(["a", "b"], "list");
  assert.deepEqual((await peer.receive(queue, 2, "--mode", "delete")).map(textOf), ["a", "b"]);
  await peer.send(queue, ["c", "d"].map(textMessage), "list");
  assert.deepEqual(texts(await sdkReceive(2, null, { receiveMode: "receiveAndDelete" })), ["c", "d"]);
  assert.deepEqual(await peer.peek(queue, 1), []);
});
