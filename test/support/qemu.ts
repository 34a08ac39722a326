import { spawnSync } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";

const MISSING = "qemu-system-x86_64 is not on the PATH; install it, on Debian: apt-get install qemu-system-x86";
const NO_PACKAGES = "apt-get does not know the packages of the machine's image; on Debian: apt-get update";

/** Why tests that boot machines are skipped here; false where they can be booted, and where a skip hides a broken set-up. */
export function qemuMissing(): string | false {
  if (process.env["CI"] === "true") return false;
  if (spawnSync("qemu-system-x86_64", ["--version"]).error !== undefined) return MISSING;
  return spawnSync("apt-cache", ["show", "linux-image-cloud-amd64"]).status === 0 ? false : NO_PACKAGES;
}

/** The processes of this host that have a text in their command line. */
export async function processesWith(text: string): Promise<readonly number[]> {
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    const commandLine = /^\d+$/.test(name) ? await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "") : "";
    if (commandLine.includes(text)) found.push(Number(name));
  }
  return found;
}
