import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { PermanentError, WorkError } from "afoot";
import { type Hypervisor, megabytesOf } from "../hypervisor.ts";
import { claimAddress, folderOf, removeFolder, root, sizeDisk } from "./folder.ts";
import { booted, endProcess, ensureProcess, pidOf, run } from "./process.ts";

/** The most that one machine is given of the host's memory. */
const MEMORY_MB = Number(process.env["AFOOT_QEMU_MEMORY_MB"] ?? 256);
if (!(MEMORY_MB >= 100)) throw new RangeError("AFOOT_QEMU_MEMORY_MB has to be a number of at least 100");

/** There while the machine is meant to be up. */
const upFile = (folder: string): string => join(folder, "up");

/** Real machines, each a process of its own that outlives the server. */
export const qemu: Hypervisor = {
  async fetchImage(os, { signal }) {
    if (os !== "Linux") throw new PermanentError("There is an image of Linux alone.", { code: "no-image" });
    const argv = [join(import.meta.dirname, "image/build.sh"), resolve(root, "image")];
    await run("sh", argv, { signal }).catch((cause: unknown) => {
      throw new WorkError("No image could be made; `apt-get update` may help.", { code: "no-image", cause });
    });
  },
  async allocate(key, { storage }) {
    const address = await claimAddress(key);
    await sizeDisk(await folderOf(key), megabytesOf(storage));
    return address;
  },
  async boot(machine, { ram, storage }, call) {
    const folder = await folderOf(machine);
    const given = Math.min(megabytesOf(ram), MEMORY_MB);
    // Until it is up again, nobody is to take it for crashed.
    await rm(upFile(folder), { force: true });
    await sizeDisk(folder, megabytesOf(storage));
    await ensureProcess(folder, machine, given);
    await booted(folder, call);
    await writeFile(upFile(folder), "");
    return given < megabytesOf(ram) ? { givenRam: `${given}MB` } : {};
  },
  async shutDown(machine, { force, signal }) {
    const folder = await folderOf(machine);
    const wasUp = existsSync(upFile(folder));
    await endProcess(folder, force || !wasUp ? undefined : signal);
    await rm(join(folder, "console"), { force: true });
    // Last of all, so that a second call gives the same answer.
    await rm(upFile(folder), { force: true });
    return wasUp;
  },
  async release(machine) {
    const folder = await folderOf(machine);
    await endProcess(folder);
    // Without a disk no process starts any more, not even one that is about to.
    await rm(join(folder, "disk"), { force: true });
    await endProcess(folder);
    await removeFolder(folder, basename(folder));
  },
  async hasCrashed(machine) {
    const folder = await folderOf(machine);
    return existsSync(upFile(folder)) && (await pidOf(folder)) === undefined;
  },
};
