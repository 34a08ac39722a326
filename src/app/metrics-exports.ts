import type { Metrics } from "../telemetry/metrics.ts";
import { type MetricsOptions, registerMetrics } from "../telemetry/registry.ts";

/** Registries that show the metrics of an app while it runs. */
export class MetricsExports {
  readonly #registries: MetricsOptions[] = [];
  #removals: (() => void)[] = [];

  /** Adds a registry. @param running the metrics of the running app */
  add(options: MetricsOptions, running: Metrics | undefined): void {
    if (running !== undefined) this.#removals.push(registerMetrics(running, options));
    this.#registries.push(options);
  }

  /** Called once the app has started. */
  begin(metrics: Metrics): void {
    for (const options of this.#registries) this.#removals.push(registerMetrics(metrics, options));
  }

  /** Called once the app has closed. */
  end(): void {
    for (const remove of this.#removals) remove();
    this.#removals = [];
  }
}
