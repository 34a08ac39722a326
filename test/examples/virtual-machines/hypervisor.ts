import { execFileSync } from "node:child_process";
import { mkdir, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { type AfootProcess, startAfoot } from "../../support/afoot-process.ts";
import { processesWith } from "../../support/qemu.ts";

const ROOT = join(import.meta.dirname, "../../..");
export const APP = join(ROOT, "examples/app.ts");
const IMAGE = join(ROOT, "data/virtual-machines/image");

/** Builds the image of the guests, if it is not there yet. */
export function buildGuestImage(): void {
  execFileSync("sh", [join(ROOT, "examples/virtual-machines/qemu/image/build.sh"), IMAGE], { stdio: "pipe" });
}

interface Hypervisor extends AsyncDisposable {
  readonly start: () => Promise<AfootProcess>;
  /** Returns the ids of the processes of QEMU. */
  readonly processes: () => Promise<readonly number[]>;
  /** Returns the files besides the image. */
  readonly left: () => Promise<readonly string[]>;
}

/** Starts servers on one folder. QEMU runs without KVM, because most CI machines have none. */
export async function hypervisorIn(folder: string): Promise<Hypervisor> {
  const machines = join(folder, "virtual-machines");
  await mkdir(machines);
  await symlink(IMAGE, join(machines, "image"));
  const environment = { AFOOT_HYPERVISOR: "qemu", AFOOT_QEMU_ACCELERATOR: "tcg" };
  const processes = (): Promise<readonly number[]> => processesWith(`${machines}/image`);
  return {
    start: () => startAfoot({ app: APP, folder, environment }),
    processes,
    left: async () => (await readdir(machines)).filter((name) => name !== "image"),
    /** Kills machines that a failed test has left behind. */
    [Symbol.asyncDispose]: async () => (await processes()).forEach((pid) => process.kill(pid, "SIGKILL")),
  };
}

/** Normalizes addresses, progress and memory, which differ between runs. */
export function alike(line: string): string {
  return line
    .replaceAll(/(127|192\.168)(?:\.\d+){2,3}/g, "$1...")
    .replace(/"progress":"\d+%"(?:,"estimatedTimeRemaining":"[^"]*")?/, "progress")
    .replace(/"memoryKiB":(\d{2,3})\d{3},/, (_all, mb: string) => (Number(mb) > 128 ? "much" : "little"));
}
