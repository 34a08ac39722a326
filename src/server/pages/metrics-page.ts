import { SECURITY_HEADERS } from "../http/problems.ts";
import type { Page } from "./page.ts";

const TEXT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Creates `/metrics`, which exposes the metrics of the process in the Prometheus text format. */
export function metricsPage(readMetrics: () => Promise<string>): Page {
  return {
    path: "/metrics",
    access: "metrics",
    respond: async () => ({
      status: 200,
      headers: ["Content-Type", TEXT_TYPE, "Cache-Control", "no-store", ...SECURITY_HEADERS],
      body: await readMetrics(),
    }),
  };
}
