// Loaded before the app: node --import ./tracing.mjs node_modules/.bin/afoot start app.ts. Where spans and metrics go, under which
// name and how many of them is said by the environment: OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER.
import { NodeSDK } from "@opentelemetry/sdk-node";

const sdk = new NodeSDK();
sdk.start();

// What is still on its way leaves before the process does.
process.once("beforeExit", () => {
  sdk.shutdown().catch((error) => {
    process.stderr.write(`the last spans are lost: ${error.message}\n`);
  });
});
