import { canRun } from "../process.ts";
import { loadByAutocannon } from "./autocannon.ts";
import type { LoadRequest, LoadResult } from "./request.ts";
import { loadByWrk } from "./wrk.ts";

/** The load tool: wrk if installed, because it needs less CPU; otherwise autocannon from npm. */
export const loadTool: "wrk" | "autocannon" = canRun("which", ["wrk"]) ? "wrk" : "autocannon";

/** Loads a server from a process on the other core. @throws Error if a response is an error, because that spoils the measurement */
export async function load(request: LoadRequest): Promise<LoadResult> {
  const { errors, ...result } = await (loadTool === "wrk" ? loadByWrk(request) : loadByAutocannon(request));
  if (errors > 0) {
    throw new Error(`${request.method} ${request.origin}${request.paths[0]}: ${errors} responses were errors`);
  }
  return result;
}
