import { settle } from "afoot";
import { type Fault, fault } from "./fault.ts";

export const callFaults: readonly Fault[] = [
  fault("step-name-used", undefined, async ({ step }) => {
    for (const tag of ["a", "b"]) await step("copy", () => tag);
    return { name: "1" };
  }),

  fault("step-in-step", "outer", async ({ step }) => {
    await step("outer", () => step("inner", () => 1));
    return { name: "1" };
  }),

  fault("step-result-not-json", "list", async ({ step }) => {
    await step("list", () => new Map([["a", 1]]));
    return { name: "1" };
  }),

  fault("invalid-duration", undefined, async ({ sleep }) => {
    await sleep("soon", Number.NaN);
    return { name: "1" };
  }),

  fault("invalid-details", undefined, async ({ step }) => ({ name: await step("count", () => 7) })),

  fault("unknown-status", undefined, async ({ step }) =>
    settle("Perfect" as never, { name: await step("name", () => "1") }),
  ),

  fault("unknown-status", undefined, async ({ step, report }) => {
    report({ status: "Ready" });
    await step("work", () => {});
    return { name: "1" };
  }),

  fault("invalid-report", undefined, async ({ step, report }) => {
    report({ details: { name: 3n as never } });
    await step("work", () => {});
    return { name: "1" };
  }),

  fault("progress-decreases", undefined, async ({ step, report }) => {
    for (const part of ["a", "b"]) {
      report({ progress: 0.9 });
      await step(part, () => {});
      report({ progress: 0.1 });
    }
    return { name: "1" };
  }),
];
