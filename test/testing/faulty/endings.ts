import { setTimeout as realTimeout } from "node:timers/promises";
import { PermanentError } from "afoot";
import { charge } from "./effects.ts";
import { type Fault, fault } from "./fault.ts";

export const endingFaults: readonly Fault[] = [
  // A fake on virtual time.
  fault("signal-ignored", "convert", async ({ step, clock }) => {
    await step("convert", () => clock.sleep(600_000));
    return { name: "1" };
  }),

  // The platform's time.
  fault("signal-ignored", "convert", async ({ step }) => {
    await step("convert", async ({ signal }) => {
      await realTimeout(5);
      if (signal.aborted) await realTimeout(700);
    });
    return { name: "1" };
  }),

  fault("cancel-ignored", "ship", async (faulty) => {
    await charge(faulty);
    await faulty.step("ship", () => {}).catch(() => {});
    return { name: "1" };
  }),

  fault("never-settles", "cue", async ({ receive }) => {
    await receive("cue", { timeoutMs: 30 * 86_400_000 });
    return { name: "1" };
  }),

  fault("never-settles", undefined, async ({ until }) => {
    await until("ready", () => false);
    return { name: "1" };
  }),

  fault("never-settles", undefined, async ({ receive }) => {
    await receive("cue");
    return { name: "1" };
  }),

  fault("unexpected-error", undefined, async ({ step, configuration }) => {
    await step("read", () => (configuration as never as { missing: { field: string } }).missing.field);
    return { name: "1" };
  }),

  fault("unawaited-rejection", undefined, async ({ step }) => {
    void step("notify", () => {
      throw new Error("no network");
    });
    await step("charge", () => {});
    return { name: "1" };
  }),

  fault("outcome-differs", undefined, async (faulty) => {
    await charge(faulty);
    if (faulty.attempt > 1) throw new PermanentError("Only once.", { code: "once" });
    return { name: "1" };
  }),
];
