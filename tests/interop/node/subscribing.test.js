// Messages that the JavaScript SDK hands out one after the other, while it renews their locks.

const assert = require("node:assert/strict");
const { after, before, beforeEach, test } = require("node:test");
const { ServiceBusClient } = require("@azure/service-bus");
const { administration } = require("./administration.js");
const { Control } = require("./control.js");
const { Emulator } = require("./programs.js");

const WAIT = { maxWaitTimeInMs: 10_000 };
const BRIEFLY = { maxWaitTimeInMs: 500 };
const ONE_TRY = { retryOptions: { maxRetries: 0, timeoutInMs: 10_000 } };

let emulator;
let admin;
let control;
let client;
let queue;
let queues = 0;

before(async () => {
  emulator = await Emulator.start(0);
  admin = administration(emulator);
  control = new Control(emulator);
  client = new ServiceBusClient(emulator.connectionString, ONE_TRY);
});

after(async () => {
  await client.close();
  assert.equal(await emulator.stop(), 0);
});

beforeEach(async () => {
  queues += 1;
  queue = `queue-${queues}`;
  await admin.createQueue(queue, { lockDuration: "PT5S" });
});

async function send(bodies, added = {}) {
  const sender = client.createSender(queue);
  await sender.sendMessages(bodies.map((body) => ({ body, ...added })));
  await sender.close();
}

/** Resolves once `done` says so of what `handle` was given; rejects with an error of the receiver. */
function handled(receiver, handle, done, options) {
  return new Promise((resolve, reject) => {
    const seen = [];
    receiver.subscribe(
      {
        processMessage: async (message) => {
          await handle(message);
          seen.push(message);
          if (done(seen)) resolve(seen);
        },
        processError: async ({ error }) => reject(error),
      },
      options,
    );
  });
}

async function counts() {
  const { activeMessageCount, deadLetterMessageCount } = await admin.getQueueRuntimeProperties(queue);
  return [activeMessageCount, deadLetterMessageCount];
}

test("messages are completed once they were handled, also those that come later", async () => {
  await send(["a", "b"]);
  const receiver = client.createReceiver(queue);
  const late = async (message) => {
    if (message.body === "b") await send(["c"]);
  };
  const seen = await handled(receiver, late, (all) => all.length === 3);
  assert.deepEqual(seen.map((one) => one.body), ["a", "b", "c"]);
  await receiver.close();
  assert.deepEqual(await counts(), [0, 0]);
});

test("messages are settled by who handles them", async () => {
  await send(["good", "bad"]);
  const receiver = client.createReceiver(queue);
  const settle = (message) =>
    message.body === "bad" ? receiver.deadLetterMessage(message) : receiver.completeMessage(message);
  await handled(receiver, settle, (all) => all.length === 2, { autoCompleteMessages: false });
  await receiver.close();
  assert.deepEqual(await counts(), [0, 1]);
});

test("a message is abandoned when its handling fails", async () => {
  await send(["x"]);
  const receiver = client.createReceiver(queue);
  const told = [];
  const again = await new Promise((resolve) => {
    receiver.subscribe({
      processMessage: async (message) => {
        if (message.deliveryCount === 0) throw new Error("cannot do that");
        resolve(message);
      },
      processError: async ({ error, errorSource, entityPath }) => told.push([error.message, errorSource, entityPath]),
    });
  });
  assert.equal(again.deliveryCount, 1);
  assert.deepEqual(told, [["cannot do that", "processMessageCallback", queue]]);
  await receiver.close();
});

test("several messages are handled at a time, and no more than that", async () => {
  await send(Array.from({ length: 12 }, (_, number) => number));
  const receiver = client.createReceiver(queue);
  let most = 0;
  let now = 0;
  const slow = async () => {
    now += 1;
    most = Math.max(most, now);
    await new Promise((resolve) => setTimeout(resolve, 20));
    now -= 1;
  };
  await handled(receiver, slow, (all) => all.length === 12, { maxConcurrentCalls: 4 });
  assert.equal(most, 4);
  await receiver.close();
});

test("a subscription ends when it is closed, and can begin again", async () => {
  await send(["a"]);
  const receiver = client.createReceiver(queue);
  const first = await new Promise((resolve, reject) => {
    const subscription = receiver.subscribe({
      processMessage: async (message) => resolve({ message, subscription }),
      processError: async ({ error }) => reject(error),
    });
  });
  await first.subscription.close();
  await send(["b"]);
  const seen = await handled(receiver, async () => {}, (all) => all.length === 1);
  assert.deepEqual([first.message.body, seen[0].body], ["a", "b"]);
  await receiver.close();
  assert.deepEqual(await counts(), [0, 0]);
});

test("a wait is broken off by a signal, and costs nothing", async () => {
  const receiver = client.createReceiver(queue);
  const abort = new AbortController();
  const waiting = receiver.receiveMessages(1, { ...WAIT, abortSignal: abort.signal });
  setTimeout(() => abort.abort(), 300);
  await assert.rejects(waiting, { name: "AbortError" });
  await receiver.close();
  await send(["x"]);
  const [received] = await client.createReceiver(queue).receiveMessages(1, WAIT);
  assert.deepEqual([received.body, received.deliveryCount], ["x", 0]);
});

test("an iterator goes on until it is left", async () => {
  await send(["a", "b", "c"]);
  const receiver = client.createReceiver(queue);
  const seen = [];
  for await (const message of receiver.getMessageIterator()) {
    seen.push(message.body);
    await receiver.completeMessage(message);
    if (seen.length === 3) break;
  }
  assert.deepEqual(seen, ["a", "b", "c"]);
  await receiver.close();
});

test("messages are received and deleted in a stream", async () => {
  await send(["a", "b", "c"]);
  const receiver = client.createReceiver(queue, { receiveMode: "receiveAndDelete" });
  const seen = await handled(receiver, async () => {}, (all) => all.length === 3);
  assert.deepEqual(seen.map((one) => [one.body, one.lockToken]), ["a", "b", "c"].map((body) => [body, undefined]));
  await receiver.close();
  assert.deepEqual(await counts(), [0, 0]);
});

test("locks are renewed while messages are handled", async () => {
  await send(["x"]);
  const renewals = await control.fault("delay-request", { delayMs: 1, operation: "com.microsoft:renew-lock" });
  const receiver = client.createReceiver(queue);
  const renewedTwice = async () => {
    while ((await control.hits(renewals)) < 2) await new Promise((resolve) => setTimeout(resolve, 100));
  };
  await handled(receiver, renewedTwice, (all) => all.length === 1);
  await control.clearFaults();
  await receiver.close();
  assert.deepEqual(await counts(), [0, 0]);
});

test("a session is handled in its order, and its lock renewed", async () => {
  queue = `${queue}-sessions`;
  await admin.createQueue(queue, { lockDuration: "PT15S", requiresSession: true });
  await send(["a", "b", "c"], { sessionId: "s" });
  const renewals = await control.fault("delay-request", { delayMs: 1, operation: "com.microsoft:renew-session-lock" });
  const receiver = await client.acceptNextSession(queue);
  const renewed = async () => {
    while ((await control.hits(renewals)) < 1) await new Promise((resolve) => setTimeout(resolve, 100));
  };
  const seen = await handled(receiver, renewed, (all) => all.length === 3);
  assert.deepEqual(seen.map((one) => [one.body, one.sessionId]), ["a", "b", "c"].map((body) => [body, "s"]));
  await control.clearFaults();
  await receiver.close();
  assert.deepEqual(await counts(), [0, 0]);
});

test("a stream of a closed client ends without an error", async () => {
  await send(["x"]);
  const own = new ServiceBusClient(emulator.connectionString, ONE_TRY);
  const errors = [];
  const receiver = own.createReceiver(queue);
  await new Promise((resolve) => {
    receiver.subscribe({
      processMessage: async () => resolve(),
      processError: async ({ error }) => errors.push(error),
    });
  });
  await own.close();
  assert.deepEqual(errors, []);
  assert.ok(receiver.isClosed);
  assert.deepEqual(await client.createReceiver(queue).receiveMessages(1, BRIEFLY), []);
});
