// Load it before the app: node --import ./tracing.mjs node_modules/.bin/afoot start app.ts. The environment configures the exporter:
// OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER.
import { NodeSDK } from "@opentelemetry/sdk-node";

const sdk = new NodeSDK();
sdk.start();

// Flushes pending spans before the process exits.
process.once("beforeExit", () => {
  sdk.shutdown().catch((error) => {
    process.stderr.write(`failed to export the last spans: ${error.message}\n`);
  });
});
