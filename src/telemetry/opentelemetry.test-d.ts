// The declared part of the OpenTelemetry API is that of the package.
// oxlint-disable-next-line import/no-namespace -- the type of the whole module
import type * as api from "@opentelemetry/api";
import type { OpenTelemetry } from "./opentelemetry.ts";

export const isDeclared: typeof api extends OpenTelemetry ? true : false = true;
