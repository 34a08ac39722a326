import { type AccessOptions, authenticateRequest } from "../access/access.ts";
import type { HttpRequest, HttpResponse } from "../http/exchange.ts";
import { JSON_TYPE } from "../http/headers.ts";
import { SECURITY_HEADERS } from "../http/problems.ts";
import type { Page } from "./page.ts";

/** Status of a running part of an app, for `/readyz`. */
export interface PartStatus {
  readonly name: string;
  readonly ready: boolean;
  /** True if requests are served without this part. @default false */
  readonly isDispensable?: boolean;
  /** One line for people. */
  readonly detail: string;
}

interface HealthApp {
  readonly options: AccessOptions;
  readonly status: () => Promise<readonly PartStatus[]>;
}

/**
 * Creates the health pages. `/livez` returns 200 while the process responds. `/readyz` lists all parts, and returns 503
 * while a part that requests need is not ready.
 */
export function healthPages(app: HealthApp): readonly Page[] {
  return [
    { path: "/livez", access: "public", respond: () => json(200, { status: "alive" }) },
    { path: "/readyz", access: "public", respond: (request) => readiness(app, request) },
  ];
}

async function readiness(app: HealthApp, request: HttpRequest): Promise<HttpResponse> {
  const parts = await app.status();
  const ready = parts.every((part) => part.ready || part.isDispensable === true);
  const readyStatus = parts.every((part) => part.ready) ? "ready" : "degraded";
  const body = { status: ready ? readyStatus : "not ready", parts: await visibleParts(request, app, parts) };
  return ready ? json(200, body) : json(503, body, ["Retry-After", "2"]);
}

/** Returns the details of the parts, such as hosts and types, only to authenticated requests. Health probes have no credentials. */
async function visibleParts(
  request: HttpRequest,
  { options }: HealthApp,
  parts: readonly PartStatus[],
): Promise<readonly Partial<PartStatus>[]> {
  try {
    await authenticateRequest(request, options);
    return parts;
  } catch {
    return parts.map(({ name, ready }) => ({ name, ready }));
  }
}

function json(status: number, body: object, headers: readonly string[] = []): HttpResponse {
  return {
    status,
    headers: ["Content-Type", JSON_TYPE, "Cache-Control", "no-store", ...SECURITY_HEADERS, ...headers],
    body: JSON.stringify(body),
  };
}
