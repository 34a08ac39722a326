import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { openFixture, type ServerFixture } from "./harness/fixture.ts";
import { jsonRequests, MACHINES } from "./harness/mounted-test.ts";
import { sendTo } from "./harness/mounts.ts";
import { RawClient, serveRaw } from "./harness/raw.ts";
import { LINUX, TYPES } from "./harness/types.ts";

interface Hostile {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array | undefined;
}

/** An arbitrary one of these characters. */
const oneOf = (characters: string): fc.Arbitrary<string> => fc.constantFrom(...characters.split(""));

const latin = (text: string): Uint8Array => Buffer.from(text, "latin1");

const method = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS") },
  { weight: 1, arbitrary: fc.constantFrom("TRACE", "PROPFIND", "get", "QUERY", "LINK") },
);

const segment = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom("virtual-machines", "notes", "orders", "operations", "settled", "busy", "never"),
  },
  { weight: 3, arbitrary: fc.constantFrom("cancel", "retry", "history", "stop", "restart", "approval") },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "..",
      ".",
      "%2e%2e",
      "%00",
      "%2F",
      "a%2Fb",
      "%",
      "%zz",
      "%ff",
      "%E2%82%AC",
      "",
      "__proto__",
      "constructor",
      "toString",
      "x".repeat(500),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.string({ unit: oneOf("az09._~-!$&'()*+,;=:@%[]|^`{}\"<>\\"), maxLength: 12 }),
  },
);
const path = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      MACHINES,
      `${MACHINES}/settled`,
      `${MACHINES}/busy`,
      `${MACHINES}/settled/stop`,
      `${MACHINES}/busy/cancel`,
      `${MACHINES}/busy/approval`,
      "/api/notes",
    ),
  },
  { weight: 2, arbitrary: fc.array(segment, { maxLength: 4 }).map((segments) => `/api/${segments.join("/")}`) },
  { weight: 1, arbitrary: fc.array(segment, { maxLength: 4 }).map((segments) => `/${segments.join("/")}`) },
);
const query = fc.oneof(
  { weight: 6, arbitrary: fc.constant("") },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      "?limit=2",
      "?limit=-1",
      "?status=Ready",
      "?fields=id",
      "?fields=x",
      "?after=eyJ9",
      "?after=e30",
      "?a=%",
      "?limit=2&limit=2",
      "?__proto__=1",
      "?fields=__proto__",
      "?resource=a/b",
      "?status=%00",
      "?",
    ),
  },
  {
    weight: 1,
    arbitrary: fc.string({ unit: oneOf("abc=&%,+;2f0?/"), maxLength: 30 }).map((text) => `?${text}`),
  },
);

/** Bytes that are valid in a header on the wire. */
const headerText = fc
  .string({ unit: oneOf("aW/*\"',;=.-0 \t\u00e9\u00ff{}[]"), maxLength: 40 })
  .map((text) => text.trim());
const header = fc.oneof(
  fc.tuple(
    fc.constant("Content-Type"),
    fc.oneof(
      fc.constantFrom(
        "application/json",
        "application/merge-patch+json",
        "text/plain",
        "application/json; charset=utf-16",
      ),
      headerText,
    ),
  ),
  fc.tuple(
    fc.constant("Accept"),
    fc.oneof(fc.constantFrom("*/*", "text/event-stream", "text/html", "application/json;q=0"), headerText),
  ),
  fc.tuple(
    fc.constantFrom("If-Match", "If-None-Match"),
    fc.oneof(fc.constantFrom("*", '"a.1-b"', 'W/"a"'), headerText),
  ),
  fc.tuple(
    fc.constant("Prefer"),
    fc.oneof(fc.constantFrom("wait=1", "wait=99999999999", "return=minimal", "wait=-1, return=x"), headerText),
  ),
  fc.tuple(fc.constant("Idempotency-Key"), fc.oneof(fc.constantFrom('"k1"', "k2", '"'), headerText)),
  fc.tuple(
    fc.constantFrom(
      "Last-Event-ID",
      "Traceparent",
      "Authorization",
      "Content-Encoding",
      "X-Forwarded-Host",
      "Cookie",
      "Expect",
      "Range",
    ),
    headerText,
  ),
);

const jsonText = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      JSON.stringify({ configuration: LINUX }),
      JSON.stringify({ configuration: { ram: "1GB" } }),
      JSON.stringify({ configuration: { text: "t" } }),
      '{"force":true}',
      '{"approved":true,"by":"me"}',
      "{}",
      "",
    ),
  },
  { weight: 3, arbitrary: fc.json({ maxDepth: 4, stringUnit: "binary" }) },
  { weight: 2, arbitrary: fc.json({ maxDepth: 3 }).map((json) => `{"configuration":${json}}`) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '{"__proto__":{"x":1}}',
      '{"configuration":{"__proto__":{"os":"x"}}}',
      '{"constructor":{"prototype":{"x":1}}}',
      String.raw`{"configuration":{"os":"\u0000","ram":"a"}}`,
      String.raw`{"configuration":{"os":"\ud800","ram":"a"}}`,
      '{"configuration":1,"configuration":2}',
      `{"configuration":${"[".repeat(5000)}`,
      `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`,
      `{"configuration":${"9".repeat(40_000)}}`,
      `{"configuration":{"os":"${"x".repeat(300_000)}","ram":"a"}}`,
      '{"configuration":{"os":1e400,"ram":"a"}}',
    ),
  },
);
const body = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  { weight: 5, arbitrary: jsonText.map((text): Uint8Array => Buffer.from(text)) },
  // One byte among valid ones: invalid UTF-8, control characters, syntax errors.
  {
    weight: 2,
    arbitrary: fc.tuple(jsonText, fc.nat(), fc.integer({ min: 0, max: 255 })).map(([text, at, byte]): Uint8Array => {
      const bytes = Buffer.from(text);
      const place = at % (bytes.length + 1);
      return Buffer.concat([bytes.subarray(0, place), Buffer.of(byte), bytes.subarray(place)]);
    }),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
);

const hostile: fc.Arbitrary<Hostile> = fc.record({
  method,
  target: fc.tuple(path, query).map((parts) => parts.join("")),
  headers: fc.array(header, { maxLength: 5 }),
  body,
});

/** Sends the bytes. Resolves to the final status. */
async function statusOf(port: number, sent: Hostile): Promise<number> {
  const client = new RawClient(port);
  const names = sent.headers.map(([name]) => name);
  const head = [
    `${sent.method} ${sent.target} HTTP/1.1`,
    "Host: x",
    // Mostly valid, so that bodies are read at all.
    ...(names.includes("Content-Type") || sent.body === undefined ? [] : ["Content-Type: application/json"]),
    ...sent.headers.map(([name, value]) => `${name}: ${value}`),
    ...(sent.body === undefined ? [] : [`Content-Length: ${sent.body.length}`]),
  ];
  client.write(latin(`${head.join("\r\n")}\r\n\r\n`));
  if (sent.body !== undefined) client.write(sent.body);
  const got = await client.received(/HTTP\/1\.1 [2-5][0-9]{2} [^]*?\r\n\r\n/);
  client.destroy();
  return Number(/HTTP\/1\.1 ([2-5][0-9]{2}) /.exec(got)?.[1]);
}

/** Returns everything that a request could have changed. */
async function stored({ store }: ServerFixture): Promise<string> {
  const rows = await Promise.all(TYPES.map(({ name }) => store.list({ type: name, limit: 1000 })));
  return JSON.stringify(
    rows.flat().map(({ type, id, edit, version, status, operation }) => [type, id, edit, version, status, operation]),
  );
}

test(
  "no request leads to a 500, a crash or a hang, and a rejected one stores nothing",
  { timeout: 240_000 },
  async () => {
    await using fixture = await openFixture({ operations: true, maxBodyBytes: 50_000 });
    await using raw = await serveRaw(fixture);
    // The clock runs fast, so that long polls end at once.
    const flying = setInterval(() => fixture.clock.advance(10_000), 5);
    try {
      const { request } = jsonRequests(sendTo(raw.port));
      for (const id of ["settled", "busy"]) {
        await request("PUT", `${MACHINES}/${id}`, { body: { configuration: LINUX } });
      }
      await fixture.drive.succeed(`${MACHINES}/settled`);
      await fixture.drive.claim(`${MACHINES}/busy`);
      const seen = new Set<number>();
      let before = await stored(fixture);
      const property = fc.asyncProperty(hostile, async (sent) => {
        const status = await statusOf(raw.port, sent);
        seen.add(status);
        const after = await stored(fixture);
        assert.ok(status < 500, `${status}`);
        if (status >= 400 || ["GET", "HEAD", "OPTIONS"].includes(sent.method)) assert.equal(after, before);
        before = after;
      });
      await fc.assert(property, {
        numRuns: 2500,
        plugins: [fc.timeout(10_000), fc.interruptAfterTimeLimit(200_000)],
      });
      assert.deepEqual(fixture.errors, []);
      // The requests are valid enough to get far.
      for (const status of [200, 202, 400, 404, 405, 406, 415, 422]) {
        assert.ok(seen.has(status), `${status} among ${[...seen].join(", ")}`);
      }
      assert.equal((await request("GET", `${MACHINES}/busy`)).status < 500, true);
    } finally {
      clearInterval(flying);
    }
  },
);
