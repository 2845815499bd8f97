// The JavaScript SDK at both ends of the emulator.

const assert = require("node:assert/strict");
const { after, before, beforeEach, test } = require("node:test");
const { ServiceBusClient, isServiceBusError } = require("@azure/service-bus");
const { Emulator, message } = require("./programs.js");
const { ourView, sdkView, toSdk } = require("./sdk_messages.js");

const WAIT = { maxWaitTimeInMs: 10_000 };
const BRIEFLY = { maxWaitTimeInMs: 500 };
// What is refused is reported at once.
const ONE_TRY = { retryOptions: { maxRetries: 0, timeoutInMs: 10_000 } };
const RAW = { skipParsingBodyAsJson: true };

let emulator;
let client;
let queue;

before(async () => {
  emulator = await Emulator.start(40);
  client = new ServiceBusClient(emulator.connectionString, ONE_TRY);
});

after(async () => {
  await client.close();
  assert.equal(await emulator.stop(), 0);
});

beforeEach(() => {
  queue = emulator.nextQueue();
});

async function send(messages) {
  const sender = client.createSender(queue);
  await sender.sendMessages(messages);
  await sender.close();
}

function textBody(text) {
  return { body: Buffer.from(text) };
}

/** Receives and completes `count` messages, and shows that no more are there. */
async function receiveAll(count, options = {}) {
  const receiver = client.createReceiver(queue, { ...RAW, ...options });
  const received = [];
  while (received.length < count) {
    const batch = await receiver.receiveMessages(count - received.length, WAIT);
    assert.ok(batch.length > 0, `${received.length} of ${count} messages came`);
    if (options.receiveMode !== "receiveAndDelete") {
      for (const one of batch) await receiver.completeMessage(one);
    }
    received.push(...batch);
  }
  assert.equal((await receiver.receiveMessages(1, BRIEFLY)).length, 0);
  await receiver.close();
  return received;
}

const texts = (received) => received.map((one) => one.body.toString());

test("a single message", async () => {
  await send(textBody("single"));
  assert.deepEqual(texts(await receiveAll(1)), ["single"]);
});

test("a list keeps its order and numbers", async () => {
  await send(["a", "b", "c"].map(textBody));
  const received = await receiveAll(3);
  assert.deepEqual(texts(received), ["a", "b", "c"]);
  assert.deepEqual(received.map((one) => one.sequenceNumber.toNumber()), [1, 2, 3]);
});

test("a batch", async () => {
  const sender = client.createSender(queue);
  const batch = await sender.createMessageBatch();
  for (let number = 0; number < 100; number++) assert.ok(batch.tryAddMessage(textBody(String(number))));
  await sender.sendMessages(batch);
  await sender.close();
  assert.deepEqual(texts(await receiveAll(100)), Array.from({ length: 100 }, (_, number) => String(number)));
});

test("a large message in many frames", async () => {
  const body = Buffer.alloc(200_000, "0123456789");
  await send({ body });
  assert.ok((await receiveAll(1))[0].body.equals(body));
});

test("a message over the limit is refused", async () => {
  await assert.rejects(send({ body: Buffer.alloc(300_000) }), (error) => {
    assert.ok(isServiceBusError(error), String(error));
    assert.equal(error.code, "MessageSizeExceeded");
    return true;
  });
});

test("abandon raises the delivery count", async () => {
  await send(textBody("again"));
  const receiver = client.createReceiver(queue, RAW);
  const [first] = await receiver.receiveMessages(1, WAIT);
  assert.equal(first.deliveryCount ?? 0, 0);
  await receiver.abandonMessage(first);
  const [second] = await receiver.receiveMessages(1, WAIT);
  assert.equal(second.deliveryCount, 1);
  await receiver.completeMessage(second);
  await receiver.close();
});

test("dead-letter with a reason", async () => {
  await send({ ...textBody("bad"), applicationProperties: { kept: true } });
  const receiver = client.createReceiver(queue, RAW);
  const [received] = await receiver.receiveMessages(1, WAIT);
  await receiver.deadLetterMessage(received, { deadLetterReason: "why", deadLetterErrorDescription: "in detail" });
  await receiver.close();
  const [dead] = await receiveAll(1, { subQueueType: "deadLetter" });
  assert.deepEqual(
    [dead.body.toString(), dead.deadLetterReason, dead.deadLetterErrorDescription, dead.applicationProperties.kept],
    ["bad", "why", "in detail", true],
  );
});

test("a renewed lock lasts longer", async () => {
  await send(textBody("renewed"));
  const receiver = client.createReceiver(queue, RAW);
  const [received] = await receiver.receiveMessages(1, WAIT);
  const until = received.lockedUntilUtc;
  assert.ok((await receiver.renewMessageLock(received)) >= until);
  await receiver.completeMessage(received);
  await receiver.close();
});

test("peek leaves messages where they are", async () => {
  await send(["a", "b", "c"].map(textBody));
  const receiver = client.createReceiver(queue, RAW);
  assert.deepEqual(texts(await receiver.peekMessages(2)), ["a", "b"]);
  assert.deepEqual(texts(await receiver.peekMessages(2)), ["c"]);
  await receiver.close();
  assert.equal((await receiveAll(3)).length, 3);
});

test("receive and delete", async () => {
  await send(["a", "b"].map(textBody));
  assert.deepEqual(texts(await receiveAll(2, { receiveMode: "receiveAndDelete" })), ["a", "b"]);
});

test("subscribe hands out every message", async () => {
  await send(["a", "b", "c"].map(textBody));
  const receiver = client.createReceiver(queue, RAW);
  const received = [];
  await new Promise((resolve, reject) => {
    receiver.subscribe({
      processMessage: async (one) => {
        if (received.push(one.body.toString()) === 3) resolve();
      },
      processError: async ({ error }) => reject(error),
    });
  });
  await receiver.close();
  assert.deepEqual(received, ["a", "b", "c"]);
});

test("every property comes back", async () => {
  const sent = message("complete");
  await send(toSdk(sent));
  const view = sdkView((await receiveAll(1))[0]);
  const expected = ourView(sent);
  const annotations = view["message-annotations"];
  assert.equal(annotations["x-opt-sequence-number"], 1);
  for (const added of ["x-opt-sequence-number", "x-opt-enqueued-time", "x-opt-locked-until"]) {
    assert.ok(annotations[added] > 0, added);
    delete annotations[added];
  }
  for (const section of Object.keys(expected)) assert.deepEqual(view[section], expected[section], section);
});

test("an unknown entity is refused", async () => {
  queue = "no-such-queue";
  const refusal = (error) => {
    assert.ok(isServiceBusError(error), String(error));
    assert.equal(error.code, "MessagingEntityNotFound");
    return true;
  };
  await assert.rejects(send(textBody("lost")), refusal);
  const receiver = client.createReceiver(queue);
  await assert.rejects(receiver.receiveMessages(1, BRIEFLY), refusal);
  await receiver.close();
});

test("a wrong key is refused", async () => {
  const stranger = new ServiceBusClient(emulator.connectionStringWithKey("d3Jvbmc="), ONE_TRY);
  const sender = stranger.createSender(queue);
  await assert.rejects(sender.sendMessages(textBody("lost")), (error) => {
    assert.equal(error.code, "UnauthorizedAccess", String(error));
    return true;
  });
  await stranger.close();
});
