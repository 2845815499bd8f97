// Sessions, as the JavaScript SDK sees them.

const assert = require("node:assert/strict");
const { after, before, beforeEach, test } = require("node:test");
const { ServiceBusClient } = require("@azure/service-bus");
const { Management } = require("./management.js");
const { Emulator } = require("./programs.js");

const WAIT = { maxWaitTimeInMs: 10_000 };
const BRIEFLY = { maxWaitTimeInMs: 500 };
// What is refused is reported at once, and a wait for a session is over soon.
const ONE_TRY = { retryOptions: { maxRetries: 0, timeoutInMs: 3_000 } };

let emulator;
let management;
let client;
let queue;
let queues = 0;

before(async () => {
  emulator = await Emulator.start(1);
  management = new Management(emulator.httpAddress, ...emulator.key);
  client = new ServiceBusClient(emulator.connectionString, ONE_TRY);
});

after(async () => {
  await client.close();
  assert.equal(await emulator.stop(), 0);
});

beforeEach(async () => {
  queues += 1;
  queue = `sessions-${queues}`;
  await management.createQueue(queue, { LockDuration: "PT5S", RequiresSession: "true" });
});

async function send(sessionId, ...bodies) {
  const sender = client.createSender(queue);
  await sender.sendMessages(bodies.map((body) => ({ body, sessionId })));
  await sender.close();
}

const bodies = (received) => received.map((one) => one.body);

async function refused(attempt, code, text) {
  await assert.rejects(attempt, (error) => {
    assert.equal(error.code, code, error.message);
    assert.match(error.message, text);
    return true;
  });
}

test("a holder gets the messages of its session, in their order", async () => {
  await send("a", "a1", "a2");
  await send("b", "b1");
  await send("a", "a3");
  const receiver = await client.acceptSession(queue, "a");
  assert.equal(receiver.sessionId, "a");
  const left = receiver.sessionLockedUntilUtc - Date.now();
  assert.ok(left > 3_000 && left <= 5_500, `${left} ms are left`);
  const received = await receiver.receiveMessages(3, WAIT);
  assert.deepEqual(bodies(received), ["a1", "a2", "a3"]);
  for (const one of received) await receiver.completeMessage(one);
  assert.deepEqual(await receiver.receiveMessages(1, BRIEFLY), []);
  await receiver.close();
});

test("the next session is waited for", async () => {
  const accepted = client.acceptNextSession(queue);
  await send("late", "x");
  const receiver = await accepted;
  assert.equal(receiver.sessionId, "late");
  await receiver.close();
});

test("a wait without a session is over in time", async () => {
  await refused(() => client.acceptNextSession(queue), "ServiceTimeout", /allotted timeout of 00:00:0/);
});

test("a session has one holder", async () => {
  const receiver = await client.acceptSession(queue, "a");
  await refused(() => client.acceptSession(queue, "a"), "SessionCannotBeLocked", /session 'a'/);
  await receiver.close();
  await (await client.acceptSession(queue, "a")).close();
});

test("what does not fit the entity is refused", async () => {
  const plain = emulator.nextQueue();
  await refused(() => client.acceptNextSession(plain), "GeneralError", /does not require sessions/);
  const receiver = client.createReceiver(queue);
  await refused(() => receiver.receiveMessages(1, BRIEFLY), "GeneralError", /non-sessionful message receiver/);
  const sender = client.createSender(queue);
  await refused(() => sender.sendMessages({ body: "x" }), "GeneralError", /SessionId was not set/);
});

test("a state outlives its holder", async () => {
  let receiver = await client.acceptSession(queue, "a");
  await receiver.setSessionState({ step: 1 });
  await receiver.close();
  receiver = await client.acceptSession(queue, "a");
  assert.deepEqual(await receiver.getSessionState(), { step: 1 });
  const renewed = (await receiver.renewSessionLock()) - Date.now();
  assert.ok(renewed > 3_000 && renewed <= 5_500, `${renewed} ms are left`);
  await receiver.close();
});

test("deferred messages are received, and all are seen, within a session", async () => {
  await send("a", "a1", "a2");
  await send("b", "b1");
  const receiver = await client.acceptSession(queue, "a");
  const [first] = await receiver.receiveMessages(1, WAIT);
  await receiver.deferMessage(first);
  assert.deepEqual(bodies(await receiver.peekMessages(10)), ["a1", "a2"]);
  const [again] = await receiver.receiveDeferredMessages(first.sequenceNumber);
  assert.equal(again.body, "a1");
  await receiver.completeMessage(again);
  await receiver.close();
});

test("closing a receiver frees what it has, and nothing counts", async () => {
  await send("a", "a1");
  let receiver = await client.acceptSession(queue, "a");
  await receiver.receiveMessages(1, WAIT);
  await receiver.close();
  receiver = await client.acceptNextSession(queue);
  const [again] = await receiver.receiveMessages(1, WAIT);
  assert.equal(again.deliveryCount, 0);
  await receiver.abandonMessage(again);
  const [abandoned] = await receiver.receiveMessages(1, WAIT);
  assert.equal(abandoned.deliveryCount, 1);
  await receiver.close();
});

test("a lost session is told", async () => {
  await send("a", "a1");
  const receiver = await client.acceptSession(queue, "a", { maxAutoLockRenewalDurationInMs: 0 });
  const [message] = await receiver.receiveMessages(1, WAIT);
  // Nobody renews the lock of five seconds.
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  await refused(() => receiver.completeMessage(message), "SessionLockLost", /expired/);
  await receiver.close();
});
