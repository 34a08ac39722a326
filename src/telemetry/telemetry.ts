import { createNoopMeter, type Meter, metrics as globalMetrics } from "@opentelemetry/api";
import { createMetrics, type Metrics } from "./metrics.ts";
import { createTracing, type Tracing } from "./tracing.ts";

/** What a process tells of itself, beside its log. */
export interface Telemetry {
  readonly metrics: Metrics;
  /** Undefined where no OpenTelemetry SDK is registered that takes traces: then nothing of them costs anything. */
  readonly tracing: Tracing | undefined;
}

/** The name under which an SDK finds what is ours. */
const SCOPE = "afoot";

/** Made when a process starts: an SDK has to be registered by then, as `node --import` does. */
export function createTelemetry(): Telemetry {
  return { metrics: createMetrics(registeredMeter()), tracing: createTracing(SCOPE) };
}

function registeredMeter(): Meter | undefined {
  const meter = globalMetrics.getMeterProvider().getMeter(SCOPE);
  return meter === createNoopMeter() ? undefined : meter;
}
