import { createHash } from "node:crypto";
import { setTimeout as passes } from "node:timers/promises";
import { PACE } from "../demo.ts";
import type { Call, Hypervisor } from "./hypervisor.ts";

async function pass(seconds: number, { signal, onProgress }: Call): Promise<void> {
  for (let percent = 0; percent < 100; percent += 5) {
    onProgress?.(percent / 100);
    await passes(seconds * 50 * PACE, undefined, { signal });
  }
}

/** Takes the time of a hypervisor and makes nothing. */
export const simulated: Hypervisor = {
  fetchImage: (_os, call) => pass(36, call),
  allocate: async (key) => `192.168.1.${10 + ((createHash("sha256").update(key).digest()[0] ?? 0) % 240)}`,
  boot: (_machine, _size, call) => pass(84, call).then(() => ({})),
  shutDown: (_machine, call) => pass(call.force ? 2 : 10, call).then(() => true),
  release: (_machine, call) => pass(10, call),
  hasCrashed: async () => false,
};
