/** Metrics of the process, and the text format of Prometheus. */
export { collectDefaultMetrics, Registry } from "prom-client";
