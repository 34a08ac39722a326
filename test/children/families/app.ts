// Families whose leaves write a log of their effects. A checker compares that log with the resources that are left.
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { setTimeout as passes } from "node:timers/promises";
import { createApp, defineResource, PermanentError, WorkError } from "afoot";
import { z } from "zod";
import type { EffectLine } from "./effects.ts";

const { FAULTS_LEDGER: path } = process.env;
if (path === undefined) throw new Error("FAULTS_LEDGER: name the file that the work writes to");
const ledger = path;

function note(line: EffectLine): void {
  appendFileSync(ledger, `${JSON.stringify(line)}\n`);
}

const RETRY = { attempts: 8, initialMs: 20, maxMs: 200, lostWorkers: 60 };
const UNDO = { attempts: 60 };

const leaf = defineResource({
  name: "leaf",
  path: "leaves",
  configuration: z.object({
    name: z.string(),
    ms: z.number(),
    /** `waits`: for a message; `fails`: for good; `once`: its first operation fails. */
    does: z.enum(["grows", "waits", "fails", "once"]).default("grows"),
  }),
  details: z.object({ name: z.string() }),
  statuses: { ready: "Grown" },
  receives: { go: z.object({}) },
  create: {
    status: "Growing",
    retry: { ...RETRY, attempts: 1 },
    undo: UNDO,
    async work({ id, configuration: { name, ms, does }, step, receive }) {
      await step(
        "grow",
        async () => {
          note({ id, name, what: "made" });
          await passes(ms);
        },
        { undo: () => note({ id, name, what: "gone" }) },
      );
      if (does === "waits") await receive("go");
      if (does === "fails") throw new PermanentError("no soil", { code: "no-soil" });
      const marker = `${ledger}.${id}`;
      if (does === "once" && !existsSync(marker)) {
        await step("mark", () => writeFileSync(marker, ""));
        throw new WorkError("too dry", { code: "too-dry" });
      }
      return { name };
    },
  },
  delete: {
    status: "Falling",
    retry: RETRY,
    work: ({ id, configuration: { name }, step }) => step("fall", () => note({ id, name, what: "gone" })),
  },
});

const branch = defineResource({
  name: "branch",
  path: "branches",
  configuration: z.object({ name: z.string(), ms: z.number(), does: z.enum(["grows", "waits"]) }),
  details: z.object({ leaf: z.string() }),
  statuses: { ready: "Grown" },
  children: { leaves: leaf },
  create: {
    status: "Growing",
    retry: RETRY,
    undo: UNDO,
    async work({ configuration: { name, ...more }, child, settled }) {
      const made = await settled(await child("leaf", "leaves", { name: `${name}/leaf`, ...more }));
      return { leaf: made.details.name };
    },
  },
});

const family = defineResource({
  name: "family",
  configuration: z.object({ does: z.enum(["grows", "waits", "fails", "once"]), ms: z.number() }),
  details: z.object({ members: z.array(z.string()) }),
  statuses: { ready: "Whole", failed: "Broken" },
  children: { leaves: leaf, branches: branch },
  representation: { liveness: true },
  create: {
    status: "Growing",
    retry: RETRY,
    undo: UNDO,
    async work({ id, configuration: { does, ms }, child, settled, step }) {
      await step("plant", () => passes(ms), { undo: () => passes(ms / 4) });
      const [first, second, third] = await Promise.all([
        child("first", "leaves", { name: `${id}/first`, ms, does }),
        child("second", "leaves", { name: `${id}/second`, ms }),
        child("third", "branches", { name: `${id}/third`, ms, does: does === "waits" ? "waits" : "grows" }),
      ]);
      const [one, two, three] = await settled([first, second, third]);
      return { members: [one.details.name, two.details.name, three.details.leaf] };
    },
  },
  delete: { status: "Felling", retry: RETRY, work: ({ step }) => step("fell", () => passes(5)) },
});

export default createApp({ resources: [family, branch, leaf] });
