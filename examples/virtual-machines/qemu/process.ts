import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile, stat } from "node:fs/promises";
import { connect } from "node:net";
import { freemem } from "node:os";
import { basename, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { WorkError } from "afoot";
import type { Call } from "../hypervisor.ts";
import { root } from "./folder.ts";

export const run = promisify(execFile);
/** Time for a graceful shutdown before the process is killed. */
const SHUTDOWN_TIMEOUT_MS = 20_000;
/** Maximum time without console output during a boot. */
const BOOT_SILENCE_TIMEOUT_MS = 60_000;
/** Console output that marks the progress of a boot. The last one means that the machine is up. */
const BOOT_MILESTONES =
  "Linux version|Memory:|Unpacking initramfs|Run /init|afoot: disk|afoot: network|afoot: ready".split("|");

/** Starts the machine's process, detached from this one, unless it runs already. QEMU locks the file `pid`, so only one can start. */
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
    await sleep(20);
  }
}

export async function waitForBoot(folder: string, { signal, onProgress }: Call): Promise<void> {
  for (;;) {
    const pid = await pidOf(folder);
    const output = await readFile(join(folder, "console"), "utf8").catch(() => "");
    const reached = BOOT_MILESTONES.findLastIndex((line) => output.includes(line)) + 1;
    onProgress?.(reached / BOOT_MILESTONES.length);
    if (reached === BOOT_MILESTONES.length) return;
    if (pid === undefined) {
      throw new WorkError(`The machine stopped during boot: ${lastLine(output)}`, { code: "boot-failed" });
    }
    const { mtimeMs } = await stat(join(folder, "console")).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > BOOT_SILENCE_TIMEOUT_MS) await endProcess(folder);
    await sleep(100, undefined, { signal });
  }
}

/** Ends the process: gracefully if a signal is given, else by SIGKILL. Resolves once the process is gone completely. */
export async function endProcess(folder: string, gracefulSignal?: AbortSignal): Promise<void> {
  for (let pid = await pidOf(folder); pid !== undefined; pid = await pidOf(folder)) {
    if (gracefulSignal !== undefined) await pressPowerButton(folder, gracefulSignal);
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // The process has ended already.
    }
    // The last thread releases ports and files; by then the first one may be a zombie.
    const isAlive = /^State:\s+[^Z]|^Threads:\s+(?!1$)/m;
    while (isAlive.test(await readFile(`/proc/${pid}/status`, "utf8").catch(() => ""))) await sleep(20);
  }
}

/** Requests a shutdown and waits for it. An unresponsive system is killed afterwards. */
async function pressPowerButton(folder: string, signal: AbortSignal): Promise<void> {
  const socket = connect(join(folder, "qmp")).resume();
  socket.write('{"execute":"qmp_capabilities"}{"execute":"system_powerdown"}');
  await once(socket, "close", { signal: AbortSignal.any([signal, AbortSignal.timeout(SHUTDOWN_TIMEOUT_MS)]) }).catch(
    () => {},
  );
  socket.destroy();
  signal.throwIfAborted();
}

/** Returns the process id of a machine. Checks the command line, because the id in the file may have been reused. */
export async function pidOf(folder: string): Promise<number | undefined> {
  const pid = Number(await readFile(join(folder, "pid"), "utf8").catch(() => 0));
  const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return commandLine.includes(`\0${basename(folder)}\0`) ? pid : undefined;
}

const lastLine = (text: unknown): string => String(text).trim().split("\n").at(-1)?.trim() ?? "";
