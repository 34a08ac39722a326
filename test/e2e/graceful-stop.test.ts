import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type AfootProcess, startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { followed, send } from "../support/exchange.ts";

const app = join(import.meta.dirname, "long-step-app.ts");

async function logged(process: AfootProcess, text: RegExp): Promise<void> {
  await eventually(`the log to match ${String(text)}`, () => text.test(process.log()));
}

describe("SIGTERM during a long step", () => {
  // A grace period far beyond the timeout of the test: only an early abort of the signal lets the process end in time.
  for (const [name, flags, environment] of [
    ["--grace", ["--grace", "3600"], {}],
    ["AFOOT_GRACE_MS", [], { AFOOT_GRACE_MS: "3600000" }],
  ] as const) {
    it(
      `aborts its signal at once and hands the work back, which the next process resumes (${name})`,
      { timeout: 60_000 },
      async () => {
        await using folder = await temporaryFolder();
        await using first = await startAfoot({
          app,
          folder: folder.path,
          flags,
          environment: { ...environment, LONG_STEP: "yes" },
        });
        const path = "/api/archives/one";
        assert.equal((await send(first.origin + path, "PUT", { configuration: {} })).status, 202);
        await logged(first, /^the step has started$/m);

        // A service manager and a parent such as npm may both send it.
        first.signal("SIGTERM");
        assert.equal(await first.stop(), 0);
        assert.match(first.log(), /^the step was aborted: handed-back: .*handed back.*run again/m);

        await using second = await startAfoot({ app, folder: folder.path });
        const states = await followed(second.origin + path);
        assert.equal(states.at(-1)?.body["status"], "Exported");
        const { body } = await send(`${second.origin}${path}/history`, "GET");
        const events = (body as { items: readonly { event: string; step?: string }[] }).items.map(({ event, step }) =>
          step === undefined ? event : `${event} ${step}`,
        );
        assert.ok(events.includes("handed-back"), `the work was not handed back: ${events.join(", ")}`);
        assert.ok(!events.includes("worker-lost"), "the hand-back must not cost a lease");
        assert.equal(
          events.filter((event) => event === "step-done count").length,
          1,
          "a recorded step must not run again",
        );
      },
    );
  }

  it("ends the process although the step ignores its signal", { timeout: 60_000 }, async () => {
    await using folder = await temporaryFolder();
    await using process = await startAfoot({
      app,
      folder: folder.path,
      flags: ["--grace", "1"],
      environment: { LONG_STEP: "deaf" },
    });
    await send(`${process.origin}/api/archives/one`, "PUT", { configuration: {} });
    await logged(process, /^the step has started$/m);
    assert.equal(await process.stop(), 0);
    assert.match(process.log(), /work or a start hook still keeps the process alive; ending it/);
  });
});
