import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { temporaryFolder } from "../../support/afoot-process.ts";
import { parseObject } from "../../support/json.ts";

const MAIN = join(import.meta.dirname, "../../../examples/orders/services/main.ts");
const CHARGE = { order: "one", request: { amount: 8000, card: "tok_visa" } };

/** The payment service as a process, and the HTTP server that receives its messages. */
class Payment {
  readonly #folder: string;
  readonly #api = createServer((incoming, response) => {
    void text(incoming).then((body) => {
      this.#posted.push(parseObject(body));
      this.#onPost(() => response.writeHead(202).end());
    });
  });
  readonly #posted: Record<string, unknown>[] = [];
  #onPost: (answer: () => void) => void = (answer) => answer();
  #process: ChildProcess | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get posted(): readonly Record<string, unknown>[] {
    return this.#posted;
  }

  async start(pace = "0.001"): Promise<void> {
    if (!this.#api.listening) await once(this.#api.listen(0, "127.0.0.1"), "listening");
    const address = this.#api.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    this.#process = fork(MAIN, ["payment", `http://127.0.0.1:${port}`], {
      execArgv: [],
      env: { ...process.env, AFOOT_DEMO_DATA: this.#folder, AFOOT_DEMO_PACE: pace },
    });
    await once(this.#process, "message");
  }

  async kill(): Promise<void> {
    const exited = this.#process === undefined ? undefined : once(this.#process, "exit");
    this.#process?.kill("SIGKILL");
    await exited;
  }

  /** Closes the channel, as the end of the parent process does. Resolves once the service has ended. */
  async disconnect(): Promise<void> {
    const exited = this.#process === undefined ? undefined : once(this.#process, "exit");
    this.#process?.disconnect();
    await exited;
    this.#process = undefined;
  }

  /** Resolves at the next message, before the response, if there is one. */
  nextPost(then: "answer" | "silence" = "answer"): Promise<void> {
    return new Promise((resolve) => {
      this.#onPost = (answer) => {
        if (then === "answer") answer();
        resolve();
      };
    });
  }

  async send(method: "PUT" | "DELETE", key: string, body?: object): Promise<number | undefined> {
    const socketPath = join(this.#folder, "orders/payment.sock");
    const outgoing = request({ socketPath, path: `/${key}`, method, agent: false }).end(JSON.stringify(body));
    const [response] = (await once(outgoing, "response")) as [IncomingMessage];
    response.resume();
    return response.statusCode;
  }

  rows(): readonly Record<string, unknown>[] {
    const books = new DatabaseSync(join(this.#folder, "orders/payment.db"), { readOnly: true });
    try {
      return books.prepare("SELECT key, state, reply FROM requests").all();
    } finally {
      books.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    this.#api.closeAllConnections();
    this.#api.close();
  }
}

describe("a service of examples/orders", () => {
  it("charges once per key, even for repeated requests", async () => {
    await using folder = await temporaryFolder();
    await using payment = new Payment(folder.path);
    await payment.start();
    const posted = payment.nextPost();
    for (let time = 0; time < 5; time++) assert.equal(await payment.send("PUT", "key", CHARGE), 204);
    await posted;
    assert.deepEqual(
      payment.rows().map(({ key, state }) => [key, state]),
      [["key", "done"]],
    );
    const [{ subject, id, data } = {}] = payment.posted;
    assert.deepEqual(
      { subject, id, data },
      { subject: "order/one", id: "key", data: { name: "payment", value: { key: "key", done: "EUR 80.00" } } },
    );
  });

  it("charges although it was killed after it accepted the request", async () => {
    await using folder = await temporaryFolder();
    await using payment = new Payment(folder.path);
    await payment.start("1000");
    await payment.send("PUT", "key", CHARGE);
    await payment.kill();
    assert.equal(payment.rows()[0]?.["state"], "pending");
    const posted = payment.nextPost();
    await payment.start();
    await posted;
    assert.equal(payment.rows()[0]?.["state"], "done");
  });

  it("repeats a message without response, and does not charge again", async () => {
    await using folder = await temporaryFolder();
    await using payment = new Payment(folder.path);
    await payment.start();
    const unanswered = payment.nextPost("silence");
    await payment.send("PUT", "key", CHARGE);
    await unanswered;
    await payment.kill();
    const posted = payment.nextPost();
    await payment.start();
    await posted;
    assert.equal(payment.rows().length, 1);
    const [first, ...again] = payment.posted;
    assert.deepEqual(again, [first]);
  });

  it("does not charge for an undone key, even if it was undone before the request", async () => {
    await using folder = await temporaryFolder();
    await using payment = new Payment(folder.path);
    await payment.start();
    assert.equal(await payment.send("DELETE", "early"), 204);
    assert.equal(await payment.send("PUT", "early", CHARGE), 204);
    const posted = payment.nextPost();
    await payment.send("PUT", "key", CHARGE);
    await posted;
    for (let time = 0; time < 2; time++) assert.equal(await payment.send("DELETE", "key"), 204);
    assert.equal(await payment.send("PUT", "key", CHARGE), 204);
    const states = payment.rows().map(({ key, state, reply }) => [key, state, reply === null]);
    assert.deepEqual(states, [
      ["early", "undone", true],
      ["key", "undone", false],
    ]);
  });

  it("rejects invalid requests, and stores nothing", async () => {
    await using folder = await temporaryFolder();
    await using payment = new Payment(folder.path);
    await payment.start();
    for (const body of [undefined, {}, { order: "one", request: { amount: -1, card: "tok_visa" } }]) {
      assert.equal(await payment.send("PUT", "key", body), 400);
    }
    assert.deepEqual(payment.rows(), []);
  });

  it("ends with its parent process", async () => {
    await using folder = await temporaryFolder();
    await using payment = new Payment(folder.path);
    await payment.start();
    await payment.disconnect();
  });
});
