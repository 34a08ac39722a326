import { createRequire } from "node:module";
import { DefinitionError } from "../core/errors.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import type { Meter, OpenTelemetry } from "./opentelemetry.ts";
import { createTracing, type Tracing } from "./tracing.ts";

/** The metrics and traces of a process. */
export interface Telemetry {
  readonly metrics: Metrics;
  /** Undefined if no OpenTelemetry SDK for traces is registered; tracing has no overhead then. */
  readonly tracing: Tracing | undefined;
}

/** Name of the instrumentation scope. */
const SCOPE = "afoot";

/** Global under which every 1.x copy of the API keeps its registrations: the SDK may have loaded another copy than Afoot. */
const REGISTERED = Symbol.for("opentelemetry.js.api.1");

/**
 * Creates the telemetry of a process at its start. An SDK must be registered before, as with `node --import`.
 *
 * @throws DefinitionError if an SDK is registered, but its API is not installed beside Afoot
 */
export function createTelemetry(): Telemetry {
  // Without an SDK the API does nothing, so its fifty files are not loaded.
  if (!(REGISTERED in globalThis)) return { metrics: createMetrics(undefined), tracing: undefined };
  const api = loadApi();
  return { metrics: createMetrics(registeredMeter(api)), tracing: createTracing(api, SCOPE) };
}

function loadApi(): OpenTelemetry {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- opentelemetry.test-d.ts checks the type
    return createRequire(import.meta.url)("@opentelemetry/api") as OpenTelemetry;
  } catch (cause) {
    throw new DefinitionError(
      "an OpenTelemetry SDK is registered, but the package @opentelemetry/api cannot be loaded; install it: npm install @opentelemetry/api",
      { cause },
    );
  }
}

function registeredMeter({ createNoopMeter, metrics }: OpenTelemetry): Meter | undefined {
  const meter = metrics.getMeterProvider().getMeter(SCOPE);
  return meter === createNoopMeter() ? undefined : meter;
}
