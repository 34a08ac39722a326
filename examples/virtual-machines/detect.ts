import { spawnSync } from "node:child_process";
import { qemu } from "./qemu/qemu.ts";
import { simulated } from "./simulated.ts";

const works = (command: string, ...argv: string[]): boolean => spawnSync(command, argv).status === 0;

function detect(): readonly ["qemu" | "simulated", reason: string] {
  const { AFOOT_HYPERVISOR: requested, AFOOT_DEMO_PACE: pace } = process.env;
  if (requested === "qemu" || requested === "simulated") return [requested, "AFOOT_HYPERVISOR is set"];
  if (requested !== undefined) {
    throw new RangeError(`AFOOT_HYPERVISOR must be "qemu" or "simulated", not "${requested}"`);
  }
  if (pace !== undefined) return ["simulated", "AFOOT_DEMO_PACE is set"];
  if (!works("qemu-system-x86_64", "--version")) return ["simulated", "qemu-system-x86_64 is not installed"];
  const hasPackages = works("apt-cache", "show", "linux-image-cloud-amd64");
  return hasPackages ? ["qemu", "it is installed"] : ["simulated", "apt-get has no packages for an image"];
}

const [name, reason] = detect();
export const hypervisor = { qemu, simulated }[name];
export const hypervisorInUse = `Virtual machines are ${name === "qemu" ? "real, by QEMU" : name}: ${reason}.`;
