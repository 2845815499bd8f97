// The two Rust programs that the checks run: the emulator, and a peer that stands for our client.

const { spawn } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const readline = require("node:readline");

const REPOSITORY = path.resolve(__dirname, "../../..");

function program(variable, name) {
  return process.env[variable] || path.join(REPOSITORY, "target/debug", name);
}

/** A running emulator with queues `q0`, `q1`, ... of which each test takes its own, and what flags add. */
class Emulator {
  static async start(queues, added = []) {
    const names = Array.from({ length: queues }, (_, number) => `q${number}`);
    const flags = [...names.flatMap((name) => ["--queue", name]), ...added];
    const child = spawn(program("SERVICEBUS_EMULATOR", "servicebus-emulator"), ["--port", "0", "--http-port", "0", ...flags], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = new Promise((resolve) => child.on("exit", resolve));
    const lines = readline.createInterface({ input: child.stdout });
    const last = added.includes("--tls-port") ? /END CERTIFICATE/ : /^http:/;
    const said = await new Promise((resolve, reject) => {
      const said = [];
      lines.on("line", (line) => {
        said.push(line.trim());
        if (last.test(line)) resolve(said);
      });
      ended.then((code) => reject(new Error(`the emulator ended with ${code}`)));
    });
    return new Emulator(child, ended, names, said);
  }

  /** `said` is what the emulator printed: where it is, and by TLS with which root certificate. */
  constructor(child, ended, names, said) {
    [this.connectionString, this.httpAddress, this.tlsConnectionString] = said;
    this.rootCertificate = said.slice(3).join("\n");
    this.child = child;
    this.ended = ended;
    this.names = names;
  }

  /** Name and key that the connection string carries. */
  get key() {
    const part = (name) => this.connectionString.match(`${name}=([^;]+)`)[1];
    return [part("SharedAccessKeyName"), part("SharedAccessKey")];
  }

  /** The connection string for the management API. */
  get httpConnectionString() {
    return this.connectionString.replace(/localhost:\d+/, new URL(this.httpAddress).host);
  }

  connectionStringWithKey(key) {
    return this.connectionString.replace(/SharedAccessKey=[^;]+/, `SharedAccessKey=${key}`);
  }

  nextQueue() {
    return this.names.shift();
  }

  /** Interrupts the emulator and returns its exit code. */
  async stop() {
    this.child.kill("SIGINT");
    const impatience = setTimeout(() => this.child.kill("SIGKILL"), 10_000);
    const code = await this.ended;
    clearTimeout(impatience);
    return code;
  }
}

/** Our client: each call is one run of `interop_peer`. */
class Peer {
  constructor(connectionString) {
    this.connectionString = connectionString;
  }

  send(queue, messages, form = "single") {
    return this.run("send", queue, ["--as", form], JSON.stringify(messages));
  }

  receive(queue, count, ...options) {
    return this.run("receive", queue, [String(count), ...options]);
  }

  peek(queue, count, ...options) {
    return this.run("peek", queue, [String(count), ...options]);
  }

  async run(verb, queue, options, input = "") {
    const command = program("SERVICEBUS_PEER", "examples/interop_peer");
    const child = spawn(command, [verb, this.connectionString, queue, ...options], {
      stdio: ["pipe", "pipe", "inherit"],
      timeout: 90_000,
    });
    child.stdin.end(input);
    const chunks = [];
    child.stdout.on("data", (chunk) => chunks.push(chunk));
    const code = await new Promise((resolve) => child.on("close", resolve));
    const lines = Buffer.concat(chunks).toString().split("\n").filter(Boolean).map((line) => JSON.parse(line));
    const error = lines.at(-1)?.error;
    if (code !== 0 && error) throw Object.assign(new Error(error.message), { kind: error.kind });
    if (code !== 0) throw new Error(`interop_peer ${verb} ended with ${code}`);
    return lines;
  }
}

/** A message of `messages/`, in its JSON form. */
function message(name) {
  return JSON.parse(fs.readFileSync(path.join(__dirname, "../messages", `${name}.json`), "utf8"));
}

function textMessage(text) {
  return { body: [{ type: "data", value: Buffer.from(text).toString("hex") }] };
}

/** The text of a message's data sections, in the JSON form. */
function textOf(received) {
  return Buffer.concat(received.body.map((part) => Buffer.from(part.value, "hex"))).toString();
}

module.exports = { Emulator, Peer, message, textMessage, textOf };
