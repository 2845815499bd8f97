// What goes wrong on the way, and what the JavaScript SDK makes of it.

const assert = require("node:assert/strict");
const { after, afterEach, before, beforeEach, test } = require("node:test");
const { ServiceBusClient } = require("@azure/service-bus");
const { administration } = require("./administration.js");
const { Control } = require("./control.js");
const { Emulator } = require("./programs.js");
const { refused } = require("./refusals.js");

const WAIT = { maxWaitTimeInMs: 10_000 };
// What is sent before the SDK has read of the loss of a link is tried again when its time is over.
const PATIENT = { retryOptions: { maxRetries: 3, retryDelayInMs: 10, timeoutInMs: 2_000 } };
const ONE_TRY = { retryOptions: { maxRetries: 0, timeoutInMs: 2_000 } };

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
});

after(async () => {
  assert.equal(await emulator.stop(), 0);
});

beforeEach(async () => {
  queues += 1;
  queue = `queue-${queues}`;
  await admin.createQueue(queue, { lockDuration: "PT1M" });
  client = new ServiceBusClient(emulator.connectionString, PATIENT);
});

afterEach(async () => {
  await control.clearFaults();
  await client.close();
});

const brieflyLater = () => new Promise((resolve) => setTimeout(resolve, 20));
const messages = (...bodies) => bodies.map((body) => ({ body }));

/** Sends. While the SDK still hears of the end of its old connection, it may take that for a new one's. */
async function sendAgain(sender, body) {
  for (let tries = 0; ; tries++) {
    try {
      return await sender.sendMessages({ body });
    } catch (error) {
      if (error.message !== "Failed to connect" || tries === 100) throw error;
      await brieflyLater();
    }
  }
}

async function receivedBodies(count, receiver = client.createReceiver(queue)) {
  const found = [];
  while (found.length < count) {
    const batch = await receiver.receiveMessages(count - found.length, WAIT);
    assert.ok(batch.length > 0, `${found.length} of ${count} messages came`);
    for (const one of batch) await receiver.completeMessage(one);
    found.push(...batch.map((one) => one.body));
  }
  return found;
}

/** Ways to lose a link, each without losing what is stored. */
const LOSSES = [
  ["a detached link", "detach-link", { condition: "amqp:link:detach-forced" }],
  ["an ended session", "end-session", { condition: "amqp:internal-error" }],
  ["a closed connection", "close-connection", { condition: "amqp:connection:forced" }],
  ["a cut stream", "cut-stream", {}],
];

for (const [name, kind, scope] of LOSSES) {
  test(`${name}: sender and receiver go on`, async () => {
    const sender = client.createSender(queue);
    const receiver = client.createReceiver(queue);
    await sender.sendMessages(messages("a"));
    assert.deepEqual(await receivedBodies(1, receiver), ["a"]);
    await control.fault(kind, scope);
    await sendAgain(sender, "b");
    assert.deepEqual(await receivedBodies(1, receiver), ["b"]);
  });

  test(`${name}: a stream of messages goes on`, async () => {
    const sender = client.createSender(queue);
    const receiver = client.createReceiver(queue);
    const seen = [];
    receiver.subscribe({ processMessage: async ({ body }) => seen.push(body), processError: async () => {} });
    for (const body of ["a", "b"]) {
      await sendAgain(sender, body);
      while ((await admin.getQueueRuntimeProperties(queue)).totalMessageCount > 0) await brieflyLater();
      await control.fault(kind, scope);
    }
    assert.deepEqual(seen, ["a", "b"]);
    await receiver.close();
  });

  test(`${name}: a session is lost with it, and free`, async () => {
    queue = `${queue}-sessions`;
    await admin.createQueue(queue, { requiresSession: true });
    await client.createSender(queue).sendMessages({ body: "x", sessionId: "s" });
    const receiver = await client.acceptSession(queue, "s");
    const [message] = await receiver.receiveMessages(1, WAIT);
    await control.fault(kind, scope);
    while (!receiver.isClosed) await brieflyLater();
    await refused(receiver.completeMessage(message), "SessionLockLost");
    const other = new ServiceBusClient(emulator.connectionString, PATIENT);
    const next = await other.acceptSession(queue, "s");
    const [again] = await next.receiveMessages(1, WAIT);
    assert.deepEqual([again.body, again.deliveryCount], ["x", 0]);
    await next.completeMessage(again);
    await other.close();
  });
}

test("a busy server is asked again", async () => {
  const busy = await control.fault("reject-message", { condition: "com.microsoft:server-busy", entity: queue, times: 2 });
  await client.createSender(queue).sendMessages(messages("a"));
  assert.equal(await control.hits(busy), 2);
  assert.deepEqual(await receivedBodies(1), ["a"]);
});

test("a request to a busy server is made again", async () => {
  const busy = await control.fault("refuse-request", { condition: "com.microsoft:server-busy", times: 2 });
  await client.createSender(queue).sendMessages(messages("a"));
  const peeked = await client.createReceiver(queue).peekMessages(1);
  assert.deepEqual([peeked.length, await control.hits(busy)], [1, 2]);
});

const REFUSALS = [
  ["com.microsoft:server-busy", "ServiceBusy"],
  ["amqp:resource-limit-exceeded", "QuotaExceeded"],
  ["amqp:link:message-size-exceeded", "MessageSizeExceeded"],
  ["com.microsoft:entity-disabled", "MessagingEntityDisabled"],
  ["com.microsoft:timeout", "ServiceTimeout"],
  ["amqp:not-allowed", "GeneralError"],
];

for (const [condition, code] of REFUSALS) {
  test(`a send is refused with ${condition}`, async () => {
    const hasty = new ServiceBusClient(emulator.connectionString, ONE_TRY);
    await control.fault("reject-message", { condition, entity: queue });
    await refused(hasty.createSender(queue).sendMessages(messages("a")), code);
    await hasty.close();
    assert.equal((await admin.getQueueRuntimeProperties(queue)).totalMessageCount, 0);
  });
}

test("an answer that never comes is given up", async () => {
  const hasty = new ServiceBusClient(emulator.connectionString, ONE_TRY);
  await control.fault("drop-outcome", { entity: queue });
  await refused(hasty.createSender(queue).sendMessages(messages("a")), "ServiceTimeout");
  // The message was stored all the same.
  const [received] = await hasty.createReceiver(queue).receiveMessages(1, WAIT);
  assert.equal(received.body, "a");
  await control.fault("drop-request");
  await refused(hasty.createReceiver(queue).peekMessages(1), "ServiceTimeout");
  await hasty.close();
});

test("a refused link or token is told", async () => {
  const hasty = new ServiceBusClient(emulator.connectionString, ONE_TRY);
  await control.fault("refuse-attach", { condition: "amqp:unauthorized-access", entity: queue, times: 1 });
  await refused(hasty.createSender(queue).sendMessages(messages("a")), "UnauthorizedAccess");
  await control.fault("refuse-attach", { condition: "amqp:resource-limit-exceeded", entity: queue, times: 1 });
  await refused(hasty.createReceiver(queue).receiveMessages(1, WAIT), "QuotaExceeded");
  await control.fault("refuse-token", { status: 401 });
  await refused(hasty.createSender(queue).sendMessages(messages("a")), "UnauthorizedAccess");
  await hasty.close();
});

test("a refused settlement leaves the lock", async () => {
  await client.createSender(queue).sendMessages(messages("a"));
  const receiver = client.createReceiver(queue);
  const [message] = await receiver.receiveMessages(1, WAIT);
  await control.fault("refuse-settlement", { condition: "com.microsoft:message-lock-lost", times: 1 });
  await refused(receiver.completeMessage(message), "MessageLockLost");
  assert.equal((await admin.getQueueRuntimeProperties(queue)).activeMessageCount, 1);
});

test("tokens that expire are put again", async () => {
  const sender = client.createSender(queue);
  const receiver = client.createReceiver(queue);
  await sender.sendMessages(messages("a"));
  assert.deepEqual(await receivedBodies(1, receiver), ["a"]);
  await control.fault("expire-tokens");
  await sender.sendMessages(messages("b"));
  assert.deepEqual(await receivedBodies(1, receiver), ["b"]);
});

test("an idle link is detached, and comes back when it is needed", async () => {
  const sender = client.createSender(queue);
  const receiver = client.createReceiver(queue);
  await sender.sendMessages(messages("a"));
  assert.deepEqual(await receivedBodies(1, receiver), ["a"]);
  await control.advanceTransport("PT11M");
  await sender.sendMessages(messages("b"));
  assert.deepEqual(await receivedBodies(1, receiver), ["b"]);
});
