import { execFileSync } from "node:child_process";
import { cpus, release, totalmem, type } from "node:os";
import { loadTool } from "./load/load.ts";
import { isPinned, LOAD_CORES, SIDE_CORES } from "./process.ts";
import type { Services } from "./services.ts";
import type { Side } from "./sides/side.ts";

/** Describes the machine and the software versions, one fact per line. */
export async function machineLines(sides: readonly Side[], services: Services): Promise<readonly string[]> {
  const needs = new Set(sides.flatMap((side) => side.needs));
  const lines = [
    `${cpus().length} cores of ${cpus()[0]?.model ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GB, ${type()} ${release()}`,
    `Node ${process.version}, SQLite ${process.versions["sqlite"] ?? "?"}, load by ${loadTool}`,
    isPinned
      ? `every side with its databases on the cores ${SIDE_CORES}, the load on the cores ${LOAD_CORES}`
      : "sides and load share the cores: there is no taskset here",
  ];
  if (needs.has("postgres")) {
    const [version, fsync, commit] = await Promise.all(
      ["server_version", "fsync", "synchronous_commit"].map(async (name) => services.setting(name)),
    );
    lines.push(`PostgreSQL ${version}: fsync=${fsync}, synchronous_commit=${commit}`);
  }
  if (needs.has("redis")) lines.push(`${firstLine("redis-server")}: appendonly=yes, appendfsync=always`);
  if (needs.has("nats")) lines.push(firstLine("nats-server"));
  for (const { name, durability } of sides) lines.push(`${name}: ${durability}`);
  return lines;
}

function firstLine(program: string): string {
  return execFileSync(program, ["--version"], { encoding: "utf8" }).split("\n")[0]?.trim() ?? program;
}
