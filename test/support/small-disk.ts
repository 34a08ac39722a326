import { spawnSync } from "node:child_process";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { mkdtemp, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A small disk of its own (tmpfs), which a test can fill. */
export interface SmallDisk extends AsyncDisposable {
  readonly path: string;
  /** Takes all free space, as another program would. */
  readonly fill: () => void;
  /** Frees the space that `fill` has taken. */
  readonly free: () => void;
  /** Changes the size, as an administrator would extend a volume. */
  readonly resize: (megabytes: number) => void;
  readonly freeBytes: () => Promise<number>;
}

/** The reason why tests that need a small disk cannot run here; false if they can. */
export function smallDiskMissing(): string | false {
  if (process.platform !== "linux") return "a small disk is a tmpfs, which only Linux has";
  const { status, stderr } = spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], {
    encoding: "utf8",
  });
  return status === 0 ? false : `mounting a tmpfs is not permitted; run as root (${stderr.trim()})`;
}

export async function smallDisk(megabytes: number): Promise<SmallDisk> {
  const path = await mkdtemp(join(tmpdir(), "afoot-disk-"));
  const mount = (options: string): void => {
    const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path], { encoding: "utf8" });
    if (status !== 0) throw new Error(`mount failed: ${stderr}`);
  };
  mount(`size=${megabytes}m`);
  let fillers = 0;
  return {
    path,
    fill() {
      fillers += 1;
      writeUntilFull(join(path, `filler-${fillers}`));
    },
    free() {
      for (; fillers > 0; fillers--) rmSync(join(path, `filler-${fillers}`));
    },
    resize: (size) => mount(`remount,size=${size}m`),
    async freeBytes() {
      const { bsize, bavail } = await statfs(path);
      return bsize * bavail;
    },
    async [Symbol.asyncDispose]() {
      spawnSync("umount", ["--lazy", path]);
      await rm(path, { recursive: true });
    },
  };
}

function writeUntilFull(path: string): void {
  const file = openSync(path, "w");
  try {
    for (const chunk of [Buffer.alloc(65_536), Buffer.alloc(4096)]) {
      try {
        for (;;) writeSync(file, chunk);
      } catch {
        // Full, up to the size of the chunk.
      }
    }
  } finally {
    closeSync(file);
  }
}
