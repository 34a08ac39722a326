import { createHash } from "node:crypto";
import { mkdir, open, readlink, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { WorkError } from "afoot";
import { pathOf } from "../../demo.ts";

/** Contains the image, a folder for each machine, and a symbolic link from each address in use to its machine. */
export const root = pathOf("virtual-machines");

/** Claims an address by a symbolic link, because its creation is atomic. */
export async function claimAddress(key: string): Promise<string> {
  await mkdir(join(root, key), { recursive: true });
  for (const address of addressesOf(key)) {
    await symlink(key, join(root, address)).catch(() => {});
    if ((await keyAt(address)) === key) return address;
  }
  throw new WorkError("No address is free.", { code: "no-address" });
}

export const folderOf = async (machine: string): Promise<string> => join(root, (await keyAt(machine)) ?? machine);

export async function removeFolder(folder: string, key: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  for (const address of addressesOf(key)) if ((await keyAt(address)) === key) await rm(join(root, address));
}

/** Resizes the disk. The file is sparse: unwritten blocks take no space on the host. */
export async function sizeDisk(folder: string, megabytes: number): Promise<void> {
  await using disk = await open(join(folder, "disk"), "a", 0o600);
  await disk.truncate(megabytes * 1024 ** 2);
}

const keyAt = (address: string): Promise<string | undefined> => readlink(join(root, address)).catch(() => undefined);

/** Returns candidate loopback addresses for a key. A host has 16 million of them. */
const addressesOf = (key: string): readonly string[] =>
  [0, 3, 6, 9].map((at) => {
    const [a = 0, b = 0, c = 0] = createHash("sha256").update(key).digest().subarray(at);
    return `127.${1 + (a % 254)}.${b}.${1 + (c % 254)}`;
  });
