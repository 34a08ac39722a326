import assert from "node:assert/strict";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { startAfoot, temporaryFolder } from "../../support/afoot-process.ts";
import { eventually } from "../../support/eventually.ts";
import { followed, send } from "../../support/exchange.ts";
import { natsMissing, startNats } from "../../support/nats.ts";
import { repeatTranscript } from "../../support/transcript.ts";
import { APP, Shop } from "./shop.ts";

const README = join(import.meta.dirname, "../../../examples/orders/README.md");
const environment = { AFOOT_DEMO_PACE: "0.05", AFOOT_LOG_LEVEL: "error" };
const configuration = { item: "lamp", quantity: 2, card: "tok_visa", address: "1 Main Street" };

/** Places an order, and returns its final representation and the labels it had. */
async function placeOrder(origin: string): Promise<{ readonly last: object; readonly labels: readonly unknown[] }> {
  const accepted = await send(`${origin}/api/orders/one`, "PUT", { configuration });
  assert.equal(accepted.status, 202);
  const states = await followed(`${origin}/api/orders/one`);
  const history = await send(`${origin}/api/orders/one/history`, "GET");
  const { items } = history.body as { items: { status?: string }[] };
  return {
    last: states.at(-1)?.body ?? {},
    labels: items.flatMap(({ status }) => (status === undefined ? [] : [status])),
  };
}

/** Waits until a process has ended. */
async function untilEnded(pid: number): Promise<void> {
  await eventually(`process ${pid} to end`, () => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  });
}

const SHIPPED = {
  id: "one",
  status: "Shipped",
  configuration,
  paid: "EUR 80.00",
  picked: "2 x lamp",
  trackingNumber: "AF7692C3AD35",
};

describe("examples/orders", () => {
  it("behaves as its README shows", async () => {
    await using folder = await temporaryFolder();
    await symlink(folder.path, join(folder.path, "data"));
    // Payment and stock run side by side; the README shows the faster one first.
    const pace = { ...environment, AFOOT_DEMO_PACE: "0.8" };
    await using server = await startAfoot({ app: APP, folder: folder.path, environment: pace });
    const commands = await repeatTranscript(README, { origin: server.origin, folder: folder.path });
    assert.equal(commands, 7);
    assert.equal(await server.stop(), 0);
  });

  it("charges again when a failed order is retried, and refunds that too", async () => {
    await using folder = await temporaryFolder();
    await using server = await startAfoot({ app: APP, folder: folder.path, environment });
    const url = `${server.origin}/api/orders/one`;
    await send(url, "PUT", { configuration: { ...configuration, address: "Nowhere" } });
    await followed(url);
    assert.equal((await send(`${url}/retry`, "POST")).status, 202);
    const { body } = (await followed(url)).at(-1) ?? {};
    assert.match(JSON.stringify(body?.["error"]), /address-unknown/);
    assert.equal(await server.stop(), 0);
    const books = new DatabaseSync(join(folder.path, "orders/payment.db"), { readOnly: true });
    const charges = books
      .prepare("SELECT key, state FROM requests WHERE reply ->> 'done' IS NOT NULL ORDER BY rowid")
      .all();
    books.close();
    assert.deepEqual(
      charges.map(({ state }) => state),
      ["undone", "undone"],
    );
    const [first, second] = charges.map(({ key }) => String(key));
    assert.equal(second, first?.replace("-request-payment", "--1-request-payment"));
  });

  it("leaves no service behind when its process is killed", async () => {
    await using folder = await temporaryFolder();
    await using shop = new Shop(folder.path, { environment });
    await shop.start();
    const services = shop.services();
    assert.equal(services.length, 3);
    await shop.kill("app");
    const next = shop.services();
    await Promise.all(services.map(untilEnded));
    assert.ok(next.every((pid) => !services.includes(pid)));
  });

  it("receives the messages of its services over NATS, if the app uses it", { skip: natsMissing() }, async () => {
    await using nats = await startNats();
    await using folder = await temporaryFolder();
    const flags = ["--broker", nats.url];
    await using server = await startAfoot({ app: APP, folder: folder.path, environment, flags });
    const { last, labels } = await placeOrder(server.origin);
    assert.deepEqual(last, SHIPPED);
    assert.deepEqual(new Set(labels), new Set(["Placed", "Paid", "Picked", "Shipped"]));
    assert.equal(await server.stop(), 0);
  });
});
