import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { PACE } from "../demo.ts";
import type { Call, Hypervisor } from "./hypervisor.ts";

async function simulate(seconds: number, { signal, onProgress }: Call): Promise<void> {
  for (let percent = 0; percent < 100; percent += 5) {
    onProgress?.(percent / 100);
    await sleep(seconds * 50 * PACE, undefined, { signal });
  }
}

/** A hypervisor that only simulates durations. */
export const simulated: Hypervisor = {
  fetchImage: (_os, call) => simulate(36, call),
  allocate: async (key) => `192.168.1.${10 + ((createHash("sha256").update(key).digest()[0] ?? 0) % 240)}`,
  boot: (_machine, _size, call) => simulate(84, call).then(() => ({})),
  isUp: async () => true,
  shutDown: (_machine, call) => simulate(call.force ? 2 : 10, call),
  release: (_machine, call) => simulate(10, call),
  hasCrashed: async () => false,
};
