import { canRun } from "../process.ts";
import type { Load, Loaded } from "./asked.ts";
import { byAutocannon } from "./autocannon.ts";
import { byWrk } from "./wrk.ts";

/** wrk needs less of its core, so that the server is the limit; autocannon comes with npm. */
export const loadTool: "wrk" | "autocannon" = canRun("which", ["wrk"]) ? "wrk" : "autocannon";

/** Loads a server from a process on the other core. An answer that is an error spoils the measurement, so it throws. */
export async function load(asked: Load): Promise<Loaded> {
  const { errors, ...loaded } = await (loadTool === "wrk" ? byWrk(asked) : byAutocannon(asked));
  if (errors > 0) throw new Error(`${asked.method} ${asked.origin}${asked.paths[0]}: ${errors} answers were errors`);
  return loaded;
}
