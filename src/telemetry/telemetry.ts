import { createRequire } from "node:module";
import type { Meter } from "@opentelemetry/api";
import { createMetrics, type Metrics } from "./metrics.ts";
import { type Api, createTracing, type Tracing } from "./tracing.ts";

/** What a process tells of itself, beside its log. */
export interface Telemetry {
  readonly metrics: Metrics;
  /** Undefined where no OpenTelemetry SDK is registered that takes traces: then nothing of them costs anything. */
  readonly tracing: Tracing | undefined;
}

/** The name under which an SDK finds what is ours. */
const SCOPE = "afoot";

/** Where every copy of the API, of whatever 1.x, keeps what is registered: the SDK's copy may be another one than ours. */
const REGISTERED = Symbol.for("opentelemetry.js.api.1");

/** Made when a process starts: an SDK has to be registered by then, as `node --import` does. */
export function createTelemetry(): Telemetry {
  // Without an SDK the API has nothing to say, and its fifty files would be loaded for that.
  if (!(REGISTERED in globalThis)) return { metrics: createMetrics(undefined), tracing: undefined };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the package says so itself
  const api = createRequire(import.meta.url)("@opentelemetry/api") as Api;
  return { metrics: createMetrics(registeredMeter(api)), tracing: createTracing(api, SCOPE) };
}

function registeredMeter({ createNoopMeter, metrics }: Api): Meter | undefined {
  const meter = metrics.getMeterProvider().getMeter(SCOPE);
  return meter === createNoopMeter() ? undefined : meter;
}
