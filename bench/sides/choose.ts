import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Services } from "../services.ts";
import type { Side } from "./side.ts";
import { SIDES } from "./sides.ts";

const PEERS = join(import.meta.dirname, "../peers");

export interface Chosen {
  readonly sides: readonly Side[];
  readonly skipped: Readonly<Record<string, string>>;
}

/** The sides whose names contain one of the texts, without those for which something is missing on this machine. */
export async function chooseSides(texts: readonly string[], services: Services): Promise<Chosen> {
  const asked = SIDES.filter(({ name }) => texts.length === 0 || texts.some((text) => name.includes(text)));
  const sides: Side[] = [];
  const skipped: Record<string, string> = {};
  for (const side of asked) {
    const reason = await missing(side, services);
    if (reason === undefined) sides.push(side);
    else skipped[side.name] = reason;
  }
  return { sides, skipped };
}

async function missing({ needs }: Side, services: Services): Promise<string | undefined> {
  for (const need of needs) {
    const reason = need === "peers" ? peersMissing() : await services.missing(need);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** Installs what the hand-built sides need, once, from their own lock file. */
function peersMissing(): string | undefined {
  if (existsSync(join(PEERS, "node_modules/.package-lock.json"))) return undefined;
  process.stderr.write("installing the dependencies of the hand-built sides (once)\n");
  const argv = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  const { status } = spawnSync("npm", argv, { cwd: PEERS, stdio: ["ignore", "ignore", "inherit"] });
  return status === 0 ? undefined : `their dependencies could not be installed: run npm ci in ${PEERS}`;
}
