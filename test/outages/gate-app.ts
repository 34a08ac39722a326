import { appendFileSync, existsSync } from "node:fs";
import { createApp, defineResource } from "afoot";
import { z } from "zod";
import { eventually } from "../support/eventually.ts";

const FOLDER = process.env["GATE_FOLDER"] ?? "";

let opened: Promise<void> | undefined;

/** Resolves once the file `open` exists. All work of this process shares the promise. */
async function open(): Promise<void> {
  await eventually("the gate to open", () => existsSync(`${FOLDER}/open`), { timeoutMs: 600_000, intervalMs: 50 });
}

/** Work that waits at a gate, which a test opens, and logs each of its actions. */
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
