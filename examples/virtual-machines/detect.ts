import { spawnSync } from "node:child_process";
import { qemu } from "./qemu/qemu.ts";
import { simulated } from "./simulated.ts";

const works = (command: string, ...argv: string[]): boolean => spawnSync(command, argv).status === 0;

function detect(): readonly ["qemu" | "simulated", why: string] {
  const { AFOOT_HYPERVISOR: asked, AFOOT_DEMO_PACE: pace } = process.env;
  if (asked === "qemu" || asked === "simulated") return [asked, "AFOOT_HYPERVISOR says so"];
  if (asked !== undefined) throw new RangeError(`AFOOT_HYPERVISOR is "qemu" or "simulated", not "${asked}"`);
  if (pace !== undefined) return ["simulated", "AFOOT_DEMO_PACE is set"];
  if (!works("qemu-system-x86_64", "--version")) return ["simulated", "qemu-system-x86_64 is not installed"];
  const hasPackages = works("apt-cache", "show", "linux-image-cloud-amd64");
  return hasPackages ? ["qemu", "it is installed"] : ["simulated", "apt-get knows no packages to make an image of"];
}

const [name, why] = detect();
export const hypervisor = { qemu, simulated }[name];
export const hypervisorInUse = `Virtual machines are ${name === "qemu" ? "real, by QEMU" : name}: ${why}.`;
