// Work that takes turns by tenant, and writes when it runs and when it does not.
import { setTimeout as passes } from "node:timers/promises";
import { createApp, defineResource, PermanentError } from "afoot";
import { z } from "zod";
import { note } from "./ledger.ts";

const ledger = process.env["TURNS_LEDGER"];
if (ledger === undefined) throw new Error("TURNS_LEDGER: name the file that the work writes to");
const path = ledger;

// After a lost worker, the work runs in a process of its own, which ends with its parent.
const { pid, ppid: parent } = process;

const turn = defineResource({
  name: "turn",
  configuration: z.object({
    tenant: z.string(),
    behaviour: z.enum(["plain", "sleep", "undo"]),
    /** Duration of each step. */
    ms: z.number(),
  }),
  details: z.object({}),
  statuses: { ready: "Done" },
  create: {
    status: "Working",
    retry: { lostWorkers: 60 },
    async work({ id, configuration: { tenant, behaviour, ms }, step, sleep }) {
      const running = async (run: () => Promise<unknown>): Promise<void> => {
        note(path, { what: "begun", id, tenant, pid, parent, at: Date.now() });
        await run();
        note(path, { what: "ended", id, tenant, pid, parent, at: Date.now() });
      };
      await running(() =>
        step("first", () => passes(ms), { undo: behaviour === "undo" ? () => running(() => passes(ms)) : () => {} }),
      );
      if (behaviour === "undo") throw new PermanentError("this one is meant to fail");
      if (behaviour === "sleep") await sleep("a while", 1500);
      await running(() => step("second", () => passes(ms)));
      return {};
    },
  },
  concurrency: {
    per: ({ configuration }) => configuration.tenant,
    limit: Number(process.env["TURNS_LIMIT"]),
    perWorker: 10,
  },
  representation: { queuePosition: true },
});

export default createApp({ resources: [turn] });
