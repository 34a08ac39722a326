import { once } from "node:events";
import { type IncomingMessage, request as sendRequest } from "node:http";

export interface Sent {
  /** The request, such as `GET /api/prints`. */
  readonly line: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body; an object is sent as JSON. */
  readonly body?: string | object;
  /** Disconnects once the response contains this text. */
  readonly until?: string;
}

export interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

const KEY = { "x-user": "ann" };
const JSON_KEY = { ...KEY, "content-type": "application/json" };

/** Sends one request over a connection of its own. */
export async function exchange(port: number, { line, headers = KEY, body, until }: Sent): Promise<Got> {
  const [method = "GET", path = "/"] = line.split(" ");
  const bytes = body === undefined ? undefined : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  const outgoing = sendRequest({
    host: "127.0.0.1",
    port,
    method,
    path,
    agent: false,
    headers: {
      host: "print.test",
      ...(typeof body === "object" ? JSON_KEY : {}),
      ...headers,
      ...(bytes && { "content-length": bytes.length }),
    },
  });
  outgoing.end(bytes);
  const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
  const { statusCode = 0, headers: got } = incoming;
  let text = "";
  for await (const chunk of incoming.setEncoding("latin1")) {
    text += String(chunk);
    if (until !== undefined && text.includes(until)) break;
  }
  outgoing.destroy();
  return { status: statusCode, headers: got, body: text };
}

const PRINT = "/api/prints/p-1";
const CREATED = { configuration: { title: "A long way home" } };
const HELD = { configuration: { title: "Held", hold: true } };
const NOTHING = { headers: {} };
const FIRST = { prefer: "wait=20", ...JSON_KEY };

/** Requests of every kind, in an order in which each has one possible response. */
export const REQUESTS: readonly Sent[] = [
  // Writes, and reads of what they wrote.
  { line: "POST /api/prints", body: CREATED, headers: FIRST },
  { line: `PUT ${PRINT}`, body: CREATED, headers: FIRST },
  { line: `GET ${PRINT}` },
  { line: `HEAD ${PRINT}` },
  { line: `GET ${PRINT}?fields=status` },
  { line: `GET ${PRINT}?fields=` },
  { line: `GET ${PRINT}`, headers: { ...KEY, "if-none-match": "*" } },
  { line: `GET ${PRINT}`, headers: { ...KEY, accept: "text/html" } },
  { line: `GET ${PRINT}`, headers: { ...KEY, accept: "text/event-stream" } },
  { line: `GET ${PRINT}/history` },
  { line: `HEAD ${PRINT}/history` },
  { line: "GET /api/prints?limit=1" },
  { line: "HEAD /api/prints" },
  {
    line: `PATCH ${PRINT}`,
    body: { configuration: { title: "Again" } },
    headers: { ...FIRST, "content-type": "application/merge-patch+json" },
  },
  { line: `POST ${PRINT}/fold`, body: {}, headers: FIRST },
  { line: `POST ${PRINT}/cancel` },
  { line: `POST ${PRINT}/retry` },
  // Work in progress: waiting requests, streams, messages.
  { line: "PUT /api/prints/p-2", body: HELD, headers: { ...JSON_KEY, "idempotency-key": "held" } },
  { line: "PUT /api/prints/p-2", body: HELD, headers: { ...JSON_KEY, "idempotency-key": "held" } },
  { line: "GET /api/prints/p-2", headers: { ...KEY, accept: "text/event-stream" }, until: "Printing" },
  { line: "DELETE /api/prints/p-2", headers: { ...KEY, "if-match": '"unknown"' } },
  { line: "POST /api/prints/p-2/approval", body: {} },
  { line: "POST /api/prints/p-2/approval", body: { by: "ann" } },
  { line: "GET /api/prints/p-2", headers: { ...KEY, prefer: "wait=20" } },
  // Operations, workers, status messages.
  { line: "GET /api/operations/unknown" },
  { line: "POST /api/messages", body: { messages: [] } },
  { line: "POST /api/messages", body: [{ type: "print", id: "unknown" }] },
  { line: "POST /api/worker/claim", body: {} },
  { line: "POST /api/worker/unknown", body: {} },
  { line: "GET /api/dashboard/types" },
  { line: "GET /api/dashboard/resources" },
  { line: "GET /api/dashboard/overview" },
  { line: "GET /api/dashboard/unknown" },
  // Refused requests.
  ...["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].flatMap((method) =>
    ["/api/prints/p-1/unknown", "/api/unknown", "/api/", "/api/prints/", "/api/prints/a/b/c", "/api/prints/a%2Fb"].map(
      (path) => ({ line: `${method} ${path}` }),
    ),
  ),
  ...[
    "/api/prints",
    PRINT,
    `${PRINT}/cancel`,
    `${PRINT}/history`,
    "/api/operations/unknown",
    "/api/messages",
    "/api/worker/claim",
  ].flatMap((path) =>
    ["OPTIONS", "TRACE", "PUT", "PATCH", "POST", "GET"].map((method) => ({ line: `${method} ${path}`, ...NOTHING })),
  ),
  { line: "OPTIONS /api/prints" },
  { line: `OPTIONS ${PRINT}` },
  { line: "PATCH /api/prints" },
  { line: `POST ${PRINT}`, body: {} },
  { line: `DELETE ${PRINT}/history` },
  { line: `GET /api/prints/${"i".repeat(128)}` },
  { line: `GET /api/prints/${"i".repeat(129)}` },
  { line: "GET /api/prints?limit=none" },
  { line: "GET /api/prints", headers: { "x-user": "" } },
  { line: "POST /api/prints", body: CREATED, headers: NOTHING.headers },
  {
    line: "POST /api/prints",
    body: CREATED,
    headers: { ...JSON_KEY, origin: "https://other.test", "sec-fetch-site": "cross-site" },
  },
  { line: "OPTIONS /api/prints", headers: { origin: "https://page.test", "access-control-request-method": "POST" } },
  { line: `GET ${PRINT}`, headers: { ...KEY, origin: "https://page.test" } },
  { line: "POST /api/prints", body: "{}", headers: { ...KEY, "content-type": "text/plain" } },
  { line: "POST /api/prints", body: "{}", headers: { ...KEY, "content-type": "nonsense" } },
  { line: "POST /api/prints", body: "{}", headers: { ...KEY, "content-type": "application/json; charset=latin1" } },
  { line: "POST /api/prints", body: "{}", headers: KEY },
  { line: "POST /api/prints", body: "{", headers: JSON_KEY },
  { line: "POST /api/prints", body: "", headers: JSON_KEY },
  { line: "POST /api/prints", body: { configuration: {} } },
  { line: "POST /api/prints", body: { configuration: { title: "x".repeat(300_000) } } },
  { line: "POST /api/prints", body: CREATED, headers: { ...JSON_KEY, expect: "100-continue" } },
  // Pages.
  { line: "GET /livez" },
  { line: "HEAD /livez" },
  { line: "POST /livez" },
  { line: "GET /readyz" },
  { line: "GET /readyz", headers: { "x-user": "" } },
  { line: "OPTIONS /readyz" },
  { line: "GET /openapi.json" },
  { line: "HEAD /openapi.json" },
  { line: "GET /openapi.json", headers: { "x-user": "" } },
  { line: "DELETE /openapi.json" },
  { line: "GET /docs" },
  { line: "GET /docs/" },
  { line: "HEAD /docs/js/scalar.js" },
  { line: "GET /docs/unknown" },
  { line: "GET /docs/", headers: { "x-user": "" } },
  { line: "GET /dashboard" },
  { line: "GET /dashboard/resources/prints/p-1", headers: { "accept-encoding": "gzip" } },
  { line: "GET /dashboard/assets/unknown.js" },
  { line: "POST /dashboard" },
  { line: "GET /metrics", until: "# HELP" },
  { line: "GET /metrics", headers: { "x-user": "bob" } },
  { line: "POST /metrics" },
  // Agents.
  { line: "GET /mcp" },
  { line: "POST /mcp", body: {} },
  { line: "POST /mcp", body: "nonsense", headers: KEY },
  { line: "OPTIONS /mcp" },
  // The end of a resource.
  { line: `DELETE ${PRINT}`, headers: FIRST },
  { line: `GET ${PRINT}`, headers: { ...KEY, prefer: "wait=20" } },
];
