import { once } from "node:events";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { z } from "zod";

/** The part of OTLP that the tests read. @see https://opentelemetry.io/docs/specs/otlp/#otlphttp */
const VALUE = z.object({ stringValue: z.string().optional(), intValue: z.coerce.string().optional() });
const ATTRIBUTES = z.array(z.object({ key: z.string(), value: VALUE.loose() })).default([]);
const SPAN = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().default(""),
  name: z.string(),
  kind: z.number(),
  attributes: ATTRIBUTES,
  links: z.array(z.object({ traceId: z.string() })).default([]),
  status: z.object({ code: z.number().default(0) }).default({ code: 0 }),
});
const TRACES = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: ATTRIBUTES }),
      scopeSpans: z.array(z.object({ scope: z.object({ name: z.string() }), spans: z.array(SPAN) })),
    }),
  ),
});

export interface CollectedSpan {
  readonly service: string;
  readonly trace: string;
  readonly id: string;
  readonly parent: string;
  readonly name: string;
  readonly kind: number;
  readonly isError: boolean;
  readonly attributes: Readonly<Record<string, string>>;
  readonly links: readonly string[];
}

/** An OTLP collector that OpenTelemetry SDKs export to. */
export interface Collector extends AsyncDisposable {
  /** Environment of processes that export to it. */
  readonly environment: (service: string) => Readonly<Record<string, string>>;
  /** Resolves to the spans of a trace once they satisfy a condition. */
  readonly trace: (
    trace: string,
    isWhole: (spans: readonly CollectedSpan[]) => boolean,
  ) => Promise<readonly CollectedSpan[]>;
}

export async function startCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const listeners = new Set<() => void>();
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      if (request.url === "/v1/traces") spans.push(...spansOf(body));
      response.setHeader("Content-Type", "application/json").end("{}");
      for (const listener of listeners) listener();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    environment: (service) => ({
      NODE_OPTIONS: `--import ${new URL("../../examples/observability/tracing.mjs", import.meta.url).href}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_SERVICE_NAME: service,
      OTEL_BSP_SCHEDULE_DELAY: "50",
      OTEL_METRICS_EXPORTER: "none",
      OTEL_LOGS_EXPORTER: "none",
    }),
    trace: (trace, isWhole) =>
      new Promise((resolve) => {
        const check = (): void => {
          const found = spans.filter((span) => span.trace === trace);
          if (!isWhole(found)) return;
          listeners.delete(check);
          resolve(found);
        };
        listeners.add(check);
        check();
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function spansOf(body: unknown): CollectedSpan[] {
  return TRACES.parse(body).resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = plain(resource.attributes)["service.name"] ?? "";
    return scopeSpans
      .filter(({ scope }) => scope.name === "afoot")
      .flatMap(({ spans }) =>
        spans.map(({ traceId, spanId, parentSpanId, name, kind, attributes, links, status }) => ({
          ...{ service, trace: traceId, id: spanId, parent: parentSpanId, name, kind, isError: status.code === 2 },
          attributes: plain(attributes),
          links: links.map((link) => link.traceId),
        })),
      );
  });
}

function plain(attributes: z.infer<typeof ATTRIBUTES>): Record<string, string> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? JSON.stringify(value)]),
  );
}
