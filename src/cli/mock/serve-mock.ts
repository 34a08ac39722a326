import { once } from "node:events";
import { AfootError } from "../../core/errors.ts";
import { isJsonObject } from "../../core/json/json.ts";
import { type Log, silentLog } from "../../core/ports/log.ts";
import { systemClock } from "../../core/scheduling/clock.ts";
import { nodeListener, serverLimits } from "../../server/http/node-listener.ts";
import { listOf } from "../../server/openapi/schemas/map-schema.ts";
import { createServer } from "../start/http-server.ts";
import { createValidations } from "./body-validation.ts";
import { findResources } from "./find-resources.ts";
import { loadDocument } from "./load-document.ts";
import type { MockDocument } from "./load-document.ts";
import { createMockHandler } from "./mock-handler.ts";
import type { MockOptions } from "./mock-options.ts";

/** A running mock server. */
export interface RunningMock {
  readonly origin: string;
  /** Paths of its collections, including the base path. */
  readonly collections: readonly string[];
  /** Parts of the document that are not served, each with the reason. */
  readonly notServed: readonly string[];
  readonly close: () => Promise<void>;
}

/** Starts a mock server. @throws UnservableError; AfootError `address-unavailable` */
export async function serveMock(
  { file, port, host, stateMs }: MockOptions,
  log: Log = silentLog,
): Promise<RunningMock> {
  const document = await loadDocument(file);
  const { resources, notServed } = findResources(document);
  const basePaths = basePathsOf(document);
  const validationOf = createValidations(document);
  const handler = createMockHandler({ resources, basePaths, validationOf, stateMs, clock: systemClock, log });
  const server = createServer(serverLimits, nodeListener(handler, { log }));
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AfootError(
      "address-unavailable",
      `cannot listen on ${host}:${port} (${reason}); choose another --port or --host`,
      { cause },
    );
  }
  const address = server.address();
  const bound = typeof address === "object" && address !== null ? address.port : port;
  return {
    origin: `http://${host.includes(":") ? `[${host}]` : host}:${bound}`,
    collections: resources.map(({ path }) => `${basePaths[0] ?? ""}${path}`),
    notServed,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** Returns the base paths of a document's servers, with variables at their defaults. Empty for the root. */
function basePathsOf({ servers }: MockDocument): readonly string[] {
  const paths = listOf(servers).flatMap((server) => {
    if (!isJsonObject(server) || typeof server["url"] !== "string") return [];
    const url = server["url"].replaceAll(/\{([^{}]+)\}/g, (_, name: string) => defaultOf(server["variables"], name));
    return [(URL.parse(url, "http://localhost")?.pathname ?? "/").replace(/(?<!\/)\/+$/, "")];
  });
  return [...new Set(paths)];
}

function defaultOf(variables: unknown, name: string): string {
  const variable = isJsonObject(variables) && Object.hasOwn(variables, name) ? variables[name] : undefined;
  return isJsonObject(variable) && typeof variable["default"] === "string" ? variable["default"] : "";
}
