import { appendFileSync, existsSync } from "node:fs";
import { createApp, defineResource } from "afoot";
import { z } from "zod";
import { eventually } from "../support/eventually.ts";

const FOLDER = process.env["GATE_FOLDER"] ?? "";

let opened: Promise<void> | undefined;

/** Resolves once there is a file of this name: for all work of this process together. */
async function open(): Promise<void> {
  await eventually("the gate to open", () => existsSync(`${FOLDER}/open`), { timeoutMs: 600_000, intervalMs: 50 });
}

/** Waits before a gate that a test opens, and writes down by itself what was done. */
const walker = defineResource({
  name: "walker",
  configuration: z.object({}),
  details: z.object({ pid: z.number(), tries: z.number() }),
  statuses: { ready: "Ready" },
  create: {
    status: "Walking",
    async work({ id, attempt, step, report, signal }) {
      const note = (what: string): void => appendFileSync(`${FOLDER}/ledger`, `${what} ${id} ${process.pid}\n`);
      await step("leave", () => note("left"));
      await step("wait", async () => {
        note("waits");
        report({ progress: 0.5 });
        opened ??= open();
        const stopped = Promise.withResolvers<never>();
        signal.addEventListener("abort", () => {
          note("aborted");
          stopped.reject(new Error("stopped", { cause: signal.reason }));
        });
        await Promise.race([opened, stopped.promise]);
        note("through");
      });
      note("passed");
      return { pid: process.pid, tries: attempt };
    },
  },
  concurrency: 1000,
});

export default createApp({ resources: [walker] });
