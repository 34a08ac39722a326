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

/** The payment service as a process, and what it posts to: here that is the test. */
class Payment {
  readonly #folder: string;
  readonly #api = createServer((incoming, response) => {
    void text(incoming).then((said) => {
      this.#posted.push(parseObject(said));
      this.#heard(() => response.writeHead(202).end());
    });
  });
  readonly #posted: Record<string, unknown>[] = [];
  #heard: (answer: () => void) => void = (answer) => answer();
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

  /** As it sees the end of the process that started it, however that ended. Resolves once it has ended too. */
  async disconnect(): Promise<void> {
    const exited = this.#process === undefined ? undefined : once(this.#process, "exit");
    this.#process?.disconnect();
    await exited;
    this.#process = undefined;
  }

  /** Resolves at the next post, before it is answered, if it is at all. */
  nextPost(then: "answer" | "silence" = "answer"): Promise<void> {
    return new Promise((resolve) => {
      this.#heard = (answer) => {
        if (then === "answer") answer();
        resolve();
      };
    });
  }

  async send(method: "PUT" | "DELETE", key: string, body?: object): Promise<number | undefined> {
    const socketPath = join(this.#folder, "orders/payment.sock");
    const asking = request({ socketPath, path: `/${key}`, method, agent: false }).end(JSON.stringify(body));
    const [response] = (await once(asking, "response")) as [IncomingMessage];
    response.resume();
    return response.statusCode;
  }

  rows(): readonly Record<string, unknown>[] {
    const books = new DatabaseSync(join(this.#folder, "orders/payment.db"), { readOnly: true });
    try {
      return books.prepare("SELECT key, state, answer FROM asked").all();
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
  it("charges once for a key, however often it is asked", async () => {
    await using folder = await temporaryFolder();
    await using payment = new Payment(folder.path);
    await payment.start();
    const heard = payment.nextPost();
    for (let time = 0; time < 5; time++) assert.equal(await payment.send("PUT", "key", CHARGE), 204);
    await heard;
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

  it("charges though it was killed after it took the request on", async () => {
    await using folder = await temporaryFolder();
    await using payment = new Payment(folder.path);
    await payment.start("1000");
    await payment.send("PUT", "key", CHARGE);
    await payment.kill();
    assert.equal(payment.rows()[0]?.["state"], "asked");
    const heard = payment.nextPost();
    await payment.start();
    await heard;
    assert.equal(payment.rows()[0]?.["state"], "done");
  });

  it("says again what it may not have been heard saying, and charges nothing for it", async () => {
    await using folder = await temporaryFolder();
    await using payment = new Payment(folder.path);
    await payment.start();
    const unanswered = payment.nextPost("silence");
    await payment.send("PUT", "key", CHARGE);
    await unanswered;
    await payment.kill();
    const heard = payment.nextPost();
    await payment.start();
    await heard;
    assert.equal(payment.rows().length, 1);
    const [first, ...again] = payment.posted;
    assert.deepEqual(again, [first]);
  });

  it("does not charge once a key was taken back, also before it was asked", async () => {
    await using folder = await temporaryFolder();
    await using payment = new Payment(folder.path);
    await payment.start();
    assert.equal(await payment.send("DELETE", "early"), 204);
    assert.equal(await payment.send("PUT", "early", CHARGE), 204);
    const heard = payment.nextPost();
    await payment.send("PUT", "key", CHARGE);
    await heard;
    for (let time = 0; time < 2; time++) assert.equal(await payment.send("DELETE", "key"), 204);
    assert.equal(await payment.send("PUT", "key", CHARGE), 204);
    const states = payment.rows().map(({ key, state, answer }) => [key, state, answer === null]);
    assert.deepEqual(states, [
      ["early", "undone", true],
      ["key", "undone", false],
    ]);
  });

  it("refuses what it cannot read, and keeps nothing of it", async () => {
    await using folder = await temporaryFolder();
    await using payment = new Payment(folder.path);
    await payment.start();
    for (const body of [undefined, {}, { order: "one", request: { amount: -1, card: "tok_visa" } }]) {
      assert.equal(await payment.send("PUT", "key", body), 400);
    }
    assert.deepEqual(payment.rows(), []);
  });

  it("ends when the process that started it does", async () => {
    await using folder = await temporaryFolder();
    await using payment = new Payment(folder.path);
    await payment.start();
    await payment.disconnect();
  });
});
