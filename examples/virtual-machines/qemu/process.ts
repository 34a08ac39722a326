import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile, stat } from "node:fs/promises";
import { connect } from "node:net";
import { freemem } from "node:os";
import { basename, join, resolve } from "node:path";
import { setTimeout as passes } from "node:timers/promises";
import { promisify } from "node:util";
import { WorkError } from "afoot";
import type { Call } from "../hypervisor.ts";
import { root } from "./folder.ts";

export const run = promisify(execFile);
/** How long a system may take to end before the plug is pulled. */
const SHUTDOWN_MS = 20_000;
/** After how long without a word a boot is given up. */
const SILENT_MS = 60_000;
/** What the console shows on the way, the last of it once the machine is up. */
const BOOT = "Linux version|Memory:|Unpacking initramfs|Run /init|afoot: disk|afoot: network|afoot: ready".split("|");

/** Starts the machine's process, unless there is one, so that it outlives this one. QEMU locks the file `pid`: of two one begins. */
export async function ensureProcess(folder: string, address: string, megabytes: number): Promise<void> {
  const file = (name: string): string => resolve(root, "image", name);
  const accelerator = process.env["AFOOT_QEMU_ACCELERATOR"] ?? (await readFile(file("accelerator"), "utf8")).trim();
  const argv = [
    ...["-name", basename(folder), "-machine", `accel=${accelerator}`, "-m", `${megabytes}M`],
    ...["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-daemonize", "-pidfile", "pid"],
    ...["-kernel", file("vmlinuz"), "-initrd", file("initramfs"), "-serial", "file:console"],
    ...["-append", `console=ttyS0 panic=-1 machine=${address}`, "-qmp", "unix:qmp,server=on,wait=off"],
    ...["-drive", "file=disk,format=raw,if=virtio", "-device", "virtio-net-pci,netdev=net,romfile="],
    ...["-netdev", `user,id=net,restrict=on,ipv6=off,hostfwd=tcp:${address}:8000-:8000`],
  ];
  while ((await pidOf(folder)) === undefined) {
    if (freemem() < megabytes * 1024 ** 2) throw new WorkError("The host is out of memory.", { code: "no-memory" });
    const failure = await run("qemu-system-x86_64", argv, { cwd: folder }).then(() => undefined, lastLine);
    if (failure === undefined) return;
    if (!failure.includes("Cannot lock pid file")) {
      throw new WorkError(`The machine could not be started: ${failure}`, { code: "start-failed" });
    }
    await passes(20);
  }
}

export async function booted(folder: string, { signal, onProgress }: Call): Promise<void> {
  for (;;) {
    const pid = await pidOf(folder);
    const shown = await readFile(join(folder, "console"), "utf8").catch(() => "");
    const reached = BOOT.findLastIndex((line) => shown.includes(line)) + 1;
    onProgress?.(reached / BOOT.length);
    if (reached === BOOT.length) return;
    if (pid === undefined) throw new WorkError(`It ended in its boot: ${lastLine(shown)}`, { code: "boot-failed" });
    const { mtimeMs } = await stat(join(folder, "console")).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > SILENT_MS) await endProcess(folder);
    await passes(100, undefined, { signal });
  }
}

/** By the power button where the system is to be asked, else by the plug. Resolves once nothing of the process is left. */
export async function endProcess(folder: string, asking?: AbortSignal): Promise<void> {
  for (let pid = await pidOf(folder); pid !== undefined; pid = await pidOf(folder)) {
    if (asking !== undefined) await pressPowerButton(folder, asking);
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended.
    }
    // The last of its threads lets go of ports and files; by then the first may long be a zombie.
    const left = /^State:\s+[^Z]|^Threads:\s+(?!1$)/m;
    while (left.test(await readFile(`/proc/${pid}/status`, "utf8").catch(() => ""))) await passes(20);
  }
}

/** Waits for the end; a system that does not listen is left to the plug. */
async function pressPowerButton(folder: string, signal: AbortSignal): Promise<void> {
  const socket = connect(join(folder, "qmp")).resume();
  socket.write('{"execute":"qmp_capabilities"}{"execute":"system_powerdown"}');
  await once(socket, "close", { signal: AbortSignal.any([signal, AbortSignal.timeout(SHUTDOWN_MS)]) }).catch(() => {});
  socket.destroy();
  signal.throwIfAborted();
}

/** The number in the file may be another's by now: the machine's own has its name in the command line. */
export async function pidOf(folder: string): Promise<number | undefined> {
  const pid = Number(await readFile(join(folder, "pid"), "utf8").catch(() => 0));
  const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return commandLine.includes(`\0${basename(folder)}\0`) ? pid : undefined;
}

const lastLine = (text: unknown): string => String(text).trim().split("\n").at(-1)?.trim() ?? "";
