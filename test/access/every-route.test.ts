import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { eventually } from "../support/eventually.ts";
import { type AccessFixture, ANNS, type Got, openFixture } from "./fixture.ts";
import { apiRoutes, pageRoutes, type ServedRoute } from "./routes.ts";

const MACHINES = "/api/machines";
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
/** Public routes: health checks without details, and the static dashboard page. */
const OPEN_PAGES = new Set(["/livez", "/readyz", "/dashboard", "/dashboard/*"]);
const CHALLENGE = /^Bearer(?: error="invalid_token")?, Bearer realm="afoot", Basic realm="afoot", charset="UTF-8"$/;

let fixture: AccessFixture;
let routes: readonly ServedRoute[];
let pages: readonly ServedRoute[];
/** Ann's resources by state. */
const anns: { path: string; id: string; operation: string; state: string }[] = [];

before(async () => {
  fixture = await openFixture();
  routes = apiRoutes(fixture.app);
  pages = pageRoutes(fixture.app);
  for (const state of ["in progress", "settled", "deleted"]) {
    const isInProgress = state === "in progress";
    const body = { configuration: { text: ANNS, hold: isInProgress, password: ANNS }, metadata: { note: ANNS } };
    const headers = { ...fixture.as.ann, prefer: isInProgress ? "wait=0" : "wait=10" };
    const made = await fixture.send("POST", MACHINES, { headers, body });
    assert.ok(made.status === (isInProgress ? 202 : 201), made.text);
    const path = made.headers.get("location") ?? "";
    const [accepted] = bodyOf(await fixture.send("GET", `${path}/history`, { headers: fixture.as.ann })).items;
    const operation = accepted?.operation ?? "";
    if (state === "deleted") {
      await fixture.send("DELETE", path, { headers: fixture.as.ann });
      await deleted(path);
    }
    anns.push({ path, id: path.slice(MACHINES.length + 1), operation, state });
  }
});
after(async () => fixture[Symbol.asyncDispose]());

interface Body {
  readonly code: string;
  readonly items: readonly { readonly operation: string }[];
  readonly configuration: { readonly password?: string };
}

function bodyOf({ text }: Got): Body {
  return JSON.parse(text) as Body;
}

const UNKNOWN = { id: "an-id-that-is-free", operation: "an-operation-that-is-not" };

function pathOf({ path }: ServedRoute, { id, operation }: { id: string; operation: string }): string {
  return path.replace("{id}", id).replace("{operation}", operation).replace("*", "js/scalar.js");
}

/** A connection is kept open only if the body has arrived completely, so this header varies. */
const VARYING_HEADERS = new Set(["date", "content-length", "connection", "keep-alive"]);

/** Returns a response without its time and the echoed request. */
function comparable({ status, headers, text }: Got, asked: string): string {
  const others = [...headers].filter(([name]) => !VARYING_HEADERS.has(name));
  return JSON.stringify({ status, others, text }).replaceAll(asked, "ASKED");
}

async function sendTry([method, path]: readonly [string, string], headers: Record<string, string>) {
  return { method, path, got: await fixture.send(method, path, { headers }) };
}

const VARIANTS: readonly Record<string, string>[] = [
  {},
  { accept: "text/event-stream" },
  { prefer: "wait=5" },
  { "if-none-match": "*" },
  { "if-match": "*" },
  { "idempotency-key": "one" },
];

interface Try {
  readonly route: ServedRoute;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}

async function comparableForBob({ route, method, headers }: Try, target: typeof UNKNOWN): Promise<string> {
  const path = pathOf(route, target);
  const body = route.path.endsWith("/approval") ? { by: "bob" } : {};
  const isSent = !["GET", "HEAD", "OPTIONS", "DELETE"].includes(method);
  const got = await fixture.send(method, path, {
    headers: { ...fixture.as.bob, ...headers },
    ...(isSent ? { body } : {}),
  });
  assert.ok(!got.text.includes(ANNS));
  return comparable(got, path);
}

describe("every route", () => {
  it("is covered", () => {
    assert.ok(routes.length >= 14, String(routes.length));
    const paths = new Set([...routes, ...pages].map(({ path }) => path));
    for (const known of [
      MACHINES,
      `${MACHINES}/{id}`,
      `${MACHINES}/{id}/history`,
      `${MACHINES}/{id}/cancel`,
      `${MACHINES}/{id}/retry`,
      `${MACHINES}/{id}/stop`,
      `${MACHINES}/{id}/approval`,
      "/api/operations/{operation}",
      "/api/messages",
      "/api/worker/claim",
      "/api/dashboard/resources",
      "/api/dashboard/watch",
      "/openapi.json",
      "/docs",
      "/metrics",
    ]) {
      assert.ok(paths.has(known), known);
    }
  });

  it("is 401 without valid credentials, whether the target exists or not", async () => {
    const [first] = anns;
    assert.ok(first !== undefined);
    const own = routes.flatMap((route) =>
      [first, UNKNOWN].flatMap((target) => route.methods.map((method) => [method, pathOf(route, target)] as const)),
    );
    const none = ["/api/machines", "/api/nothing", "/api/machines/a/b/c"].flatMap((path) =>
      METHODS.map((method) => [method, path] as const),
    );
    for (const [what, headers] of Object.entries(fixture.wrong)) {
      const responses = await Promise.all([...own, ...none].map((one) => sendTry(one, headers)));
      for (const { method, path, got } of responses) {
        assert.equal(got.status, 401, `${method} ${path} with ${what}: ${got.status} ${got.text}`);
        assert.match(got.headers.get("www-authenticate") ?? "", CHALLENGE);
        if (method !== "HEAD") assert.match(got.text, /"code":"unauthenticated"/);
      }
      const different = new Set(
        responses.filter(({ method }) => method !== "HEAD").map(({ path, got }) => comparable(got, path)),
      );
      assert.equal(different.size, 1, `${what}: all say the same: ${[...different].join("\n")}`);
    }
  });

  it("is 401 outside the API too, except for health checks, which reveal no details", async () => {
    for (const [what, headers] of Object.entries(fixture.wrong)) {
      for (const route of pages) {
        const path = pathOf(route, UNKNOWN);
        const got = await fixture.send("GET", path, { headers });
        if (OPEN_PAGES.has(route.path)) {
          assert.equal(got.status, 200);
          assert.doesNotMatch(got.text, /detail|sqlite|machine/, path);
        } else {
          assert.equal(got.status, 401, `${path} with ${what}`);
          assert.match(got.headers.get("www-authenticate") ?? "", CHALLENGE);
        }
      }
      const nowhere = await fixture.send("GET", "/nowhere", { headers });
      assert.doesNotMatch(nowhere.text, /machine/);
    }
  });

  it("treats ann's resources like unused ids for another principal", async () => {
    for (const route of routes.filter(({ path }) => path.includes("{"))) {
      // A create must reveal that the id is used: see below.
      const tries = METHODS.filter((method) => method !== "PUT").flatMap((method) =>
        VARIANTS.map((headers) => ({ route, method, headers })),
      );
      const unknown = await Promise.all(tries.map((one) => comparableForBob(one, UNKNOWN)));
      for (const target of anns) {
        const ofAnns = await Promise.all(tries.map((one) => comparableForBob(one, target)));
        for (const [index, { method, headers }] of tries.entries()) {
          const what = `${method} ${route.path} ${JSON.stringify(headers)}, ${target.state}`;
          assert.equal(ofAnns[index], unknown[index], what);
        }
      }
    }
  });

  it("rejects a used id in the same way, whoever uses it", async () => {
    const responses = new Set<string>();
    for (const { path } of anns) {
      for (const variant of [{}, { "if-none-match": "*" }]) {
        const headers = { ...fixture.as.bob, ...variant };
        const got = await fixture.send("PUT", path, { headers, body: { configuration: { text: "bob's" } } });
        assert.equal(got.status, 404);
        responses.add(comparable(got, path));
      }
    }
    assert.equal(responses.size, 1);
  });

  it("hides ann's resources from another principal in lists and pages", async () => {
    for (const who of ["bob", "carla"] as const) {
      for (const route of [...routes.filter(({ path }) => !path.includes("{")), ...pages]) {
        for (const method of route.methods.filter((each) => ["GET", "HEAD", "OPTIONS"].includes(each))) {
          const got = await fixture.send(method, pathOf(route, UNKNOWN), { headers: fixture.as[who] });
          assert.ok(got.status < 500);
          assert.ok(!got.text.includes(ANNS), `${method} ${route.path}`);
          for (const { id, operation } of anns) {
            assert.ok(!got.text.includes(id) && !got.text.includes(operation), `${method} ${route.path}`);
          }
        }
      }
      for (const query of ["", "?status=Ready", "?status=Making", "?limit=200"]) {
        const { text } = await fixture.send("GET", MACHINES + query, { headers: fixture.as[who] });
        assert.equal(text, '{"items":[]}');
      }
    }
  });

  it("hides ann's resources from the filters of another principal", async () => {
    const ids = anns.map(({ id }) => id).join(",");
    for (const query of [`metadata.note=${ANNS}`, `id=${ids}`, "updatedAfter=2000-01-01T00:00:00Z"]) {
      for (const [who, count] of [
        ["bob", 0] as const,
        ["carla", 0] as const,
        ["ann", 2] as const,
        ["olga", 2] as const,
      ]) {
        const got = await fixture.send("GET", `${MACHINES}?${query}`, { headers: fixture.as[who] });
        assert.equal(bodyOf(got).items.length, count, `${who} ${query}`);
        if (count === 0) assert.equal(got.headers.get("retry-after"), null);
      }
    }
    const { text } = await fixture.send("GET", "/api/dashboard/resources", { headers: fixture.as.ann });
    assert.ok(text.includes(`"metadata":{"note":"${ANNS}"}`));
    const sent = { headers: fixture.as.bob, body: { metadata: { a: "b" } } };
    const unknown = comparable(await fixture.send("PATCH", `${MACHINES}/free`, sent), "free");
    for (const { path, id } of anns) assert.equal(comparable(await fixture.send("PATCH", path, sent), id), unknown);
  });

  it("is restricted to the app's own processes if it affects all owners", async () => {
    const unowned = routes.filter(({ path }) => path === "/api/messages" || path.startsWith("/api/worker/"));
    assert.ok(unowned.length >= 6);
    for (const { path } of unowned) {
      for (const who of ["ann", "bob", "carla"] as const) {
        const got = await fixture.send("POST", path, { headers: fixture.as[who], body: {} });
        assert.deepEqual({ status: got.status, code: bodyOf(got).code }, { status: 403, code: "forbidden" }, path);
      }
      const got = await fixture.send("POST", path, { headers: fixture.as.olga, body: {} });
      assert.deepEqual(
        { status: got.status, code: bodyOf(got).code },
        { status: 422, code: "validation" },
        "an operator is heard",
      );
    }
    for (const [who, status] of [
      ["ann", 403],
      ["carla", 403],
      ["olga", 200],
    ] as const) {
      const got = await fixture.send("GET", "/metrics", { headers: fixture.as[who] });
      assert.equal(got.status, status, `metrics tell of everybody's, to ${who}`);
    }
  });

  it("is allowed for ann, and for an operator, who sees all resources", async () => {
    for (const who of ["ann", "olga"] as const) {
      assert.equal(bodyOf(await fixture.send("GET", MACHINES, { headers: fixture.as[who] })).items.length, 2);
      const [inProgress] = anns;
      const got = await fixture.send("GET", inProgress?.path ?? "", { headers: fixture.as[who] });
      assert.equal(got.status, 200);
      assert.equal(bodyOf(got).configuration.password, undefined, "a redacted field is never shown");
    }
    const { security } = JSON.parse((await fixture.send("GET", "/openapi.json", { headers: fixture.as.ann })).text) as {
      security: unknown;
    };
    assert.deepEqual(security, [{ bearer: [] }, { basic: [] }], "what is asked for is in the document");
    const asBrowser = {
      authorization: `Basic ${Buffer.from(`x:${fixture.as.ann["authorization"]?.slice(7)}`).toString("base64")}`,
    };
    assert.equal((await fixture.send("GET", "/docs/", { headers: asBrowser })).status, 200);
  });

  it("has headers against framing and foreign scripts if it is a page", async () => {
    let count = 0;
    for (const route of pages) {
      const { headers } = await fixture.send("GET", pathOf(route, UNKNOWN), { headers: fixture.as.ann });
      if (headers.get("content-type")?.startsWith("text/html") !== true) continue;
      count++;
      assert.match(
        headers.get("content-security-policy") ?? "",
        /default-src 'none'.*frame-ancestors 'none'/,
        route.path,
      );
      assert.equal(headers.get("x-content-type-options"), "nosniff", route.path);
      assert.equal(headers.get("referrer-policy"), "no-referrer", route.path);
      assert.equal(headers.get("cross-origin-opener-policy"), "same-origin", route.path);
    }
    assert.ok(count > 0);
  });
});

async function deleted(path: string): Promise<void> {
  await eventually(`${path} to be deleted`, async () => {
    return (await fixture.send("GET", path, { headers: fixture.as.ann })).status === 404;
  });
}
