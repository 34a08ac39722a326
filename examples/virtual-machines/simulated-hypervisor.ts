import { createHash } from "node:crypto";
import { setTimeout as passes } from "node:timers/promises";

/** 1 is the pace of a real, quick hypervisor; 0.01 a hundred times faster. */
const pace = Number(process.env["AFOOT_DEMO_PACE"] ?? 1);
if (!(pace > 0)) throw new RangeError(`AFOOT_DEMO_PACE: ${process.env["AFOOT_DEMO_PACE"]} is not a number above zero`);

const SECOND = 1000 * pace;
const PROVISIONING = { allocate: 12 * SECOND, copyImage: 72 * SECOND, boot: 36 * SECOND };
const PROVISIONING_TOTAL = PROVISIONING.allocate + PROVISIONING.copyImage + PROVISIONING.boot;

type Report = (report: { progress?: number; estimatedTimeRemainingMs?: number }) => void;

/** A stretch of simulated time, as a part of the whole: reports as it passes. */
interface Stage {
  readonly startMs: number;
  readonly durationMs: number;
  readonly totalMs: number;
}

const REPORTS = 12;

/** Pretends to be a hypervisor: it takes its time and makes nothing. */
export const simulatedHypervisor = {
  stages(report: Report, signal: AbortSignal) {
    const pass = async ({ startMs, durationMs, totalMs }: Stage): Promise<void> => {
      for (let part = 0; part < REPORTS; part++) {
        const elapsedMs = startMs + (durationMs * part) / REPORTS;
        report({ progress: elapsedMs / totalMs, estimatedTimeRemainingMs: totalMs - elapsedMs });
        await passes(durationMs / REPORTS, undefined, { signal });
      }
    };
    const alone = (durationMs: number): Promise<void> => pass({ startMs: 0, durationMs, totalMs: durationMs });
    const { allocate, copyImage } = PROVISIONING;

    return {
      async allocate(storage: string, key: string) {
        await pass({ startMs: 0, durationMs: allocate, totalMs: PROVISIONING_TOTAL });
        return { disk: `${storage}-${key}` };
      },
      copyImage: (_os: string, _disk: { disk: string }) =>
        pass({ startMs: allocate, durationMs: copyImage, totalMs: PROVISIONING_TOTAL }),
      async boot(_disk: { disk: string }, key: string) {
        await pass({ startMs: allocate + copyImage, durationMs: PROVISIONING.boot, totalMs: PROVISIONING_TOTAL });
        return { address: `192.168.1.${10 + ((createHash("sha256").update(key).digest()[0] ?? 0) % 240)}` };
      },
      resize: () => alone(30 * SECOND),
      stop: (force: boolean) => alone(force ? 2 * SECOND : 10 * SECOND),
      start: () => alone(15 * SECOND),
      destroy: () => alone(10 * SECOND),
    };
  },
  async release(_disk: { disk: string }): Promise<void> {
    await passes(SECOND);
  },
};
