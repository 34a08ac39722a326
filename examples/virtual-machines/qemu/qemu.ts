import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { PermanentError, WorkError } from "afoot";
import { type Hypervisor, megabytesOf } from "../hypervisor.ts";
import { claimAddress, folderOf, removeFolder, root, sizeDisk } from "./folder.ts";
import { waitForBoot, endProcess, ensureProcess, pidOf, run } from "./process.ts";

/** Maximum memory of one machine. */
const MEMORY_MB = Number(process.env["AFOOT_QEMU_MEMORY_MB"] ?? 256);
if (!(MEMORY_MB >= 100)) throw new RangeError("AFOOT_QEMU_MEMORY_MB must be a number of at least 100");

/** A file that exists while the machine should be up. */
const upFile = (folder: string): string => join(folder, "up");

/** A hypervisor with real machines. Each is a process that outlives the server. */
export const qemu: Hypervisor = {
  async fetchImage(os, { signal }) {
    if (os !== "Linux") throw new PermanentError("Only a Linux image is available.", { code: "no-image" });
    const argv = [join(import.meta.dirname, "image/build.sh"), resolve(root, "image")];
    await run("sh", argv, { signal }).catch((cause: unknown) => {
      throw new WorkError("The image could not be built; `apt-get update` may help.", { code: "no-image", cause });
    });
  },
  async allocate(key, { storage }) {
    const address = await claimAddress(key);
    await sizeDisk(await folderOf(key), megabytesOf(storage));
    return address;
  },
  async boot(machine, { ram, storage }, call) {
    const folder = await folderOf(machine);
    const givenMb = Math.min(megabytesOf(ram), MEMORY_MB);
    // Prevents that a booting machine is reported as crashed.
    await rm(upFile(folder), { force: true });
    await sizeDisk(folder, megabytesOf(storage));
    await ensureProcess(folder, machine, givenMb);
    await waitForBoot(folder, call);
    await writeFile(upFile(folder), "");
    return givenMb < megabytesOf(ram) ? { givenRam: `${givenMb}MB` } : {};
  },
  async isUp(machine) {
    return existsSync(upFile(await folderOf(machine)));
  },
  async shutDown(machine, { force, signal }) {
    const folder = await folderOf(machine);
    const wasUp = existsSync(upFile(folder));
    await endProcess(folder, force || !wasUp ? undefined : signal);
    await rm(join(folder, "console"), { force: true });
    // Removed last, so that a repeated call shuts down in the same way.
    await rm(upFile(folder), { force: true });
  },
  async release(machine) {
    const folder = await folderOf(machine);
    await endProcess(folder);
    // Without a disk no process can start, not even a concurrent one.
    await rm(join(folder, "disk"), { force: true });
    await endProcess(folder);
    await removeFolder(folder, basename(folder));
  },
  async hasCrashed(machine) {
    const folder = await folderOf(machine);
    return existsSync(upFile(folder)) && (await pidOf(folder)) === undefined;
  },
};
