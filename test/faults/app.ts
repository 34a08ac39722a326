// Work of every kind, which writes a log of its effects. A checker compares that log with the history later.
import { setTimeout as passes } from "node:timers/promises";
import { createApp, defineResource, PermanentError } from "afoot";
import { z } from "zod";
import { note } from "./ledger.ts";

const ledger = process.env["FAULTS_LEDGER"];
if (ledger === undefined) throw new Error("FAULTS_LEDGER: name the file that the work writes to");
const path = ledger;

const configuration = z.object({
  behaviour: z.enum(["plain", "undo", "sleep", "receive", "flaky", "parallel", "cancel", "whole", "whole-undo"]),
  /** Duration of each step. */
  ms: z.number(),
});

const mixed = defineResource({
  name: "mixed",
  path: "mixed",
  configuration,
  details: z.object({ steps: z.number(), text: z.string().optional() }),
  statuses: { ready: "Ready", failed: "Failed", cancelled: "Cancelled" },
  receives: { word: z.object({ text: z.string() }) },
  representation: { liveness: true },
  create: {
    status: "Working",
    retry: { attempts: 8, initialMs: 20, maxMs: 200, lostWorkers: 60 },
    async work({ id, attempt, configuration: { behaviour, ms }, step, sleep, receive, report, signal }) {
      let steps = 0;
      const run = async (name: string): Promise<void> => {
        await step(
          name,
          async ({ idempotencyKey: key }) => {
            note(path, { id, what: "begun", step: name, key, attempt });
            await passes(ms, undefined, { signal });
            note(path, { id, what: "done", step: name, key, attempt });
          },
          {
            undo: async ({ idempotencyKey: key }) => {
              await passes(ms / 4);
              note(path, { id, what: "undone", step: name, key, attempt });
            },
          },
        );
        steps += 1;
        report({ progress: steps / 4 });
      };

      await run("first");
      switch (behaviour) {
        case "plain":
          await run("second");
          await run("third");
          return { steps };
        case "undo":
          await run("second");
          await run("third");
          throw new PermanentError("this one is meant to fail", { code: "meant-to-fail" });
        case "sleep":
          await sleep("a while", ms * 20);
          await run("second");
          await sleep("another while", ms * 5);
          return { steps };
        case "receive": {
          const { text } = await receive("word");
          await run("second");
          return { steps, text };
        }
        case "flaky":
          if (attempt % 3 !== 0) throw new Error("this attempt is meant to fail");
          await run("second");
          return { steps };
        case "parallel":
          await Promise.all(["left", "middle", "right"].map(run));
          return { steps };
        case "whole":
        case "whole-undo": {
          await sleep("a while", ms * 5);
          await run("second");
          const { text } = await receive("word");
          await run("third");
          if (behaviour === "whole") return { steps, text };
          throw new PermanentError("this one is meant to fail", { code: "meant-to-fail" });
        }
        case "cancel":
          await run("second");
          await sleep("until it is cancelled", 3_600_000);
          return { steps };
      }
    },
  },
});

export default createApp({ resources: [mixed], maxLongPolls: 10_000 });
