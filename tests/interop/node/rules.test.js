// Rules, managed by the JavaScript SDK over AMQP.

const assert = require("node:assert/strict");
const { after, before, beforeEach, test } = require("node:test");
const { ServiceBusClient } = require("@azure/service-bus");
const { Emulator } = require("./programs.js");

const WAIT = { maxWaitTimeInMs: 10_000 };
const BRIEFLY = { maxWaitTimeInMs: 500 };
const ONE_TRY = { retryOptions: { maxRetries: 0, timeoutInMs: 10_000 } };
const TOPICS = ["t0", "t1", "t2"];
const DEFAULT = { name: "$Default", filter: { sqlExpression: "1=1" }, action: {} };

let emulator;
let client;
let topic;
let rules;

before(async () => {
  const flags = TOPICS.flatMap((name) => ["--topic", name, "--subscription", `${name}/s`]);
  emulator = await Emulator.start(0, flags);
  client = new ServiceBusClient(emulator.connectionString, ONE_TRY);
});

after(async () => {
  await client.close();
  assert.equal(await emulator.stop(), 0);
});

beforeEach(() => {
  topic = TOPICS.shift();
  rules = client.createRuleManager(topic, "s");
});

async function list() {
  const found = [];
  for await (const rule of rules.listRules()) found.push(rule);
  return found;
}

/** Bodies and application properties of all that the subscription has. */
async function received(count) {
  const receiver = client.createReceiver(topic, "s", { receiveMode: "receiveAndDelete" });
  const found = [];
  while (found.length < count) {
    const batch = await receiver.receiveMessages(count - found.length, WAIT);
    assert.ok(batch.length > 0, `${found.length} of ${count} messages came`);
    found.push(...batch);
  }
  assert.equal((await receiver.receiveMessages(1, BRIEFLY)).length, 0);
  await receiver.close();
  return found.map((one) => [one.body, one.applicationProperties]);
}

test("rules come back as they were created", async () => {
  assert.deepEqual(await list(), [DEFAULT]);
  const sql = { sqlExpression: "color = 'red' AND size > 1" };
  const action = { sqlExpression: "SET size = size + 1" };
  await rules.createRule("sql", sql, action);
  const applicationProperties = { number: 1, text: "x", flag: true, time: new Date(5_000) };
  await rules.createRule("correlation", { subject: "s", correlationId: "c", applicationProperties });
  const [first, correlation, second] = await list();
  assert.deepEqual(first, DEFAULT);
  assert.deepEqual(second, { name: "sql", filter: sql, action });
  assert.equal(correlation.name, "correlation");
  assert.equal(correlation.filter.subject, "s");
  assert.equal(correlation.filter.correlationId, "c");
  assert.deepEqual(correlation.filter.applicationProperties, applicationProperties);
});

test("messages go where rules send them", async () => {
  await rules.deleteRule("$Default");
  await rules.createRule("plain", { sqlExpression: "size IN (1, 2)" });
  await rules.createRule("changing", { sqlExpression: "size > 1" }, { sqlExpression: "SET size = size + 10" });
  await rules.createRule("typed", { applicationProperties: { flag: true } });
  const sender = client.createSender(topic);
  for (const [body, applicationProperties] of Object.entries({
    one: { size: 1 },
    two: { size: 2 },
    three: { size: 3 },
    flag: { flag: true },
    text: { flag: "true" },
  })) {
    await sender.sendMessages({ body, applicationProperties });
  }
  await sender.close();
  assert.deepEqual(await received(5), [
    ["one", { size: 1 }],
    ["two", { size: 2 }],
    ["two", { size: 12, RuleName: "changing" }],
    ["three", { size: 13, RuleName: "changing" }],
    ["flag", { flag: true }],
  ]);
});

test("what cannot be done is told by its code", async () => {
  await assert.rejects(rules.createRule("$default", { sqlExpression: "1=1" }), {
    code: "MessagingEntityAlreadyExists",
  });
  await assert.rejects(rules.deleteRule("none"), { code: "MessagingEntityNotFound" });
  await assert.rejects(rules.createRule("wrong", { sqlExpression: "a = =" }), {
    message: /There was an error parsing the SQL expression\. \[Token line=1, column=4, Token in error= =/,
  });
  assert.deepEqual(await list(), [DEFAULT]);
});
