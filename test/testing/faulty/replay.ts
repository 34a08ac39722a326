import { randomUUID } from "node:crypto";
import { charge } from "./effects.ts";
import { type Fault, fault } from "./fault.ts";

export const replayFaults: readonly Fault[] = [
  fault("replay-differs", undefined, async (faulty) => {
    await charge(faulty);
    return { name: randomUUID() };
  }),

  // What a step changes outside is lost on replay.
  fault("replay-differs", undefined, async ({ step }) => {
    let total = 0;
    await step("count", () => void (total += 5));
    return { name: `${total}` };
  }),

  fault("replay-differs", "send to a", async (faulty) => {
    await charge(faulty);
    const name = Math.random() < 0.5 ? "a" : "b";
    await faulty.step(`send to ${name}`, () => {});
    await faulty.step("log", () => {});
    return { name: "1" };
  }),

  fault("replay-differs", "at 1767225600000", async ({ step }) => {
    await step(`at ${Date.now()}`, () => {});
    return { name: "1" };
  }),

  fault("unrecorded-await", undefined, async ({ step, sleep, clock }) => {
    const pause = sleep("pause", 60_000);
    await clock.sleep(1000);
    await step("after", () => {});
    await pause;
    return { name: "1" };
  }),
];
