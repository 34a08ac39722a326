import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createApp, defineResource } from "afoot";
import { afoot, mount } from "afoot/fastify";
import Fastify from "fastify";
import { z } from "zod";
import { MemoryContents } from "../../examples/memory-store/contents.ts";
import { memoryStore } from "../../examples/memory-store/memory-store.ts";
import { noChromium, openChromium } from "../support/chromium.ts";
import { send } from "../support/exchange.ts";

const parcel = defineResource({
  name: "parcel",
  configuration: z.object({ to: z.string() }),
  details: z.object({ number: z.string() }),
  statuses: { ready: "Delivered" },
  create: { status: "Travelling", work: async ({ configuration }) => ({ number: `for ${configuration.to}` }) },
});

const NOT_OFFERED = "not-offered-by-store";

describe("a server over a store without the optional part reporting", () => {
  const app = createApp({ resources: [parcel] });
  const fastify = Fastify();
  const contents = new MemoryContents();
  let origin = "";
  before(async () => {
    await app.start({ store: memoryStore(contents) });
    await fastify.register(afoot, { app });
    await fastify.register(mount, app.pages());
    origin = await fastify.listen({ host: "127.0.0.1", port: 0 });
  });
  after(async () => {
    await fastify.close();
    await app.close();
  });

  it("creates, lists, changes and deletes, and continues after a restart", async () => {
    const handle = await app.parcels.create({ to: "Ada" });
    assert.equal((await handle.settled()).number, "for Ada");
    const list = await send(`${origin}/api/parcels`, "GET");
    assert.deepEqual([list.status, (list.body["items"] as unknown[]).length], [200, 1]);
    const history = await send(`${origin}/api/parcels/${handle.id}/history`, "GET");
    assert.equal(history.status, 200);
    await app.close();
    await app.start({ store: memoryStore(contents) });
    assert.equal((await send(`${origin}/api/parcels/${handle.id}`, "GET")).body["status"], "Delivered");
    assert.equal((await send(`${origin}/api/parcels/${handle.id}`, "DELETE")).status, 204);
    assert.ok((await app.status()).every(({ ready }) => ready));
    const metrics = await app.metrics();
    assert.match(metrics, /afoot_queue_age/);
    assert.doesNotMatch(metrics, /afoot_resources_in_progress/);
  });

  it("answers the views that need the part with a problem that names it", async () => {
    for (const view of ["resources", "resources?text=a", "overview", "overview?range=week"]) {
      const { status, body } = await send(`${origin}/api/dashboard/${view}`, "GET");
      assert.deepEqual([status, body["code"]], [501, NOT_OFFERED], view);
      assert.match(String(body["detail"]), /The store "memory" has no optional part "reporting"/);
    }
    assert.equal((await send(`${origin}/api/dashboard/types`, "GET")).status, 200);
  });

  it("shows in the dashboard that the store does not offer a view", { skip: noChromium }, async () => {
    const { id } = await app.parcels.create({ to: "Grace" });
    await using browser = await openChromium();
    const page = await browser.newPage();
    for (const path of ["", "/overview"]) {
      await page.goto(`${origin}/dashboard${path}`);
      await page.getByText("This store does not offer this view.").waitFor({ timeout: 10_000 });
      await page.getByText('The store "memory" has no optional part "reporting"').waitFor();
      assert.equal(await page.getByRole("button", { name: "Try again" }).count(), 0);
    }
    await page.goto(`${origin}/dashboard/resources/parcels/${id}`);
    await page.getByText("Delivered").first().waitFor();
  });
});
