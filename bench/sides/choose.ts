import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import type { Services } from "../services.ts";
import type { Side } from "./side.ts";
import { SIDES } from "./sides.ts";

const PEERS = join(import.meta.dirname, "../peers");

export interface ChosenSides {
  readonly sides: readonly Side[];
  readonly skipped: Record<string, string>;
}

/** Selects the sides whose names contain one of the texts. Skips sides whose needs are missing on this machine. */
export async function chooseSides(texts: readonly string[], services: Services): Promise<ChosenSides> {
  const selected = SIDES.filter(({ name }) => texts.length === 0 || texts.some((text) => name.includes(text)));
  const sides: Side[] = [];
  const skipped: Record<string, string> = {};
  for (const side of selected) {
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

/** Installs the dependencies of the hand-built sides once, from their own lock file. */
function peersMissing(): string | undefined {
  const installedAt = changedAt(join(PEERS, "node_modules/.package-lock.json"));
  if (installedAt > changedAt(join(PEERS, "package-lock.json"))) return undefined;
  process.stderr.write("installing the dependencies of the hand-built sides (once)\n");
  const argv = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  const { status } = spawnSync("npm", argv, { cwd: PEERS, stdio: ["ignore", "ignore", "inherit"] });
  return status === 0 ? undefined : `failed to install their dependencies; run npm ci in ${PEERS}`;
}

function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
