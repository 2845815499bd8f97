// The same measurements as benches/loopback.rs with the official JavaScript SDK, for comparison.
//
// Needs @azure/service-bus and a running emulator:
//     SERVICE_BUS_CONNECTION_STR=... SERVICE_BUS_QUEUE_NAME=bench node benches/peers/node_sdk.js
"use strict";

const { ServiceBusClient } = require("@azure/service-bus");

const BODY = Buffer.alloc(1024, "x");
const BATCH = 100;
const ROUNDS = 5;

async function rate(count, work) {
  const started = process.hrtime.bigint();
  await work();
  return count / (Number(process.hrtime.bigint() - started) / 1e9);
}

async function fill(sender, count) {
  for (let sent = 0; sent < count; sent += BATCH) {
    const batch = await sender.createMessageBatch();
    for (let n = 0; n < BATCH; n++) batch.tryAddMessage({ body: BODY });
    await sender.sendMessages(batch);
  }
}

async function empty(client, queue) {
  const receiver = client.createReceiver(queue, { receiveMode: "receiveAndDelete" });
  while ((await receiver.receiveMessages(1000, { maxWaitTimeInMs: 500 })).length > 0);
  await receiver.close();
}

async function receive(client, queue, count, receiveMode) {
  const receiver = client.createReceiver(queue, { receiveMode });
  for (let received = 0; received < count; ) {
    const messages = await receiver.receiveMessages(500, { maxWaitTimeInMs: 5000 });
    if (messages.length === 0) throw new Error("a message is missing");
    if (receiveMode === "peekLock") {
      for (const message of messages) await receiver.completeMessage(message);
    }
    received += messages.length;
  }
  await receiver.close();
}

async function main() {
  const queue = process.env.SERVICE_BUS_QUEUE_NAME || "bench";
  const client = new ServiceBusClient(process.env.SERVICE_BUS_CONNECTION_STR);
  const sender = client.createSender(queue);
  const results = new Map();
  const add = (name, value) => results.set(name, [...(results.get(name) || []), value]);
  for (let round = 0; round < ROUNDS; round++) {
    const singles = async () => {
      for (let n = 0; n < 1000; n++) await sender.sendMessages({ body: BODY });
    };
    add("single awaited sends", await rate(1000, singles));
    await empty(client, queue);
    add("sends in batches of 100", await rate(5000, () => fill(sender, 5000)));
    await empty(client, queue);
    for (const [name, mode] of [
      ["receive, then complete each", "peekLock"],
      ["receive and delete", "receiveAndDelete"],
    ]) {
      await fill(sender, 2000);
      add(name, await rate(2000, () => receive(client, queue, 2000, mode)));
      await empty(client, queue);
    }
  }
  for (const [name, rates] of results) {
    rates.sort((a, b) => a - b);
    const median = Math.round(rates[rates.length >> 1]);
    console.log(`${name.padEnd(28)} ${String(median).padStart(9)} messages/s`);
  }
  await client.close();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
