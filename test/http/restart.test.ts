import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { LINUX } from "./harness/types.ts";

const app = join(import.meta.dirname, "../../examples/app.ts");
const environment = { AFOOT_HYPERVISOR: "simulated" };

interface Answer {
  readonly status: number;
  readonly location: string | null;
  readonly etag: string | null;
  readonly text: string;
}

async function post(origin: string, key: string): Promise<Answer> {
  const response = await fetch(`${origin}/api/virtual-machines`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": `"${key}"` },
    body: JSON.stringify({ configuration: LINUX }),
  });
  const { status, headers } = response;
  return { status, location: headers.get("location"), etag: headers.get("etag"), text: await response.text() };
}

async function ids(origin: string): Promise<string[]> {
  const response = await fetch(`${origin}/api/virtual-machines?fields=id&limit=200`);
  const { items } = (await response.json()) as { items: { id: string }[] };
  return items.map(({ id }) => id);
}

test(
  "200 racing POSTs with one key, a SIGKILL among them and 200 more after the restart: one resource, equal answers",
  { timeout: 120_000 },
  async () => {
    await using folder = await temporaryFolder();
    // The number of responses after which the process is killed.
    for (const [round, killAfter] of [0, 1, 60].entries()) {
      const key = `round-${round}`;
      await using first = await startAfoot({ app, folder: folder.path, environment });
      const before = await ids(first.origin);
      let responseCount = 0;
      const killed = Promise.withResolvers<void>();
      const racing = Array.from({ length: 200 }, async () => {
        const reply = await post(first.origin, key);
        responseCount++;
        if (responseCount === killAfter) void first.kill().then(killed.resolve);
        return reply;
      });
      if (killAfter === 0) void first.kill().then(killed.resolve);
      const early = (await Promise.allSettled(racing)).flatMap((each) =>
        each.status === "fulfilled" ? [each.value] : [],
      );
      await killed.promise;

      await using second = await startAfoot({ app, folder: folder.path, environment });
      const late = await Promise.all(Array.from({ length: 200 }, () => post(second.origin, key)));
      const [one] = late;
      assert.equal(one?.status, 202);
      for (const reply of [...early, ...late]) assert.deepEqual(reply, one);
      const after = await ids(second.origin);
      assert.deepEqual(
        after.filter((id) => !before.includes(id)),
        [one.location?.split("/").at(-1)],
      );
      await second.kill();
    }
  },
);
