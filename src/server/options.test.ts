import assert from "node:assert/strict";
import { test } from "node:test";
import { serverOptions } from "./options.ts";

test("fills in defaults for absent and undefined options", () => {
  const { basePath, maxBodyBytes, operations, waitMs } = serverOptions({
    basePath: "/v1/api",
    waitMs: undefined as never,
  });
  assert.deepEqual(
    { basePath, maxBodyBytes, operations, waitMs },
    { basePath: "/v1/api", maxBodyBytes: 262_144, operations: false, waitMs: 60_000 },
  );
});

test("accepts prefixes of problem types to which a code can be appended", () => {
  for (const problemTypes of [
    "urn:afoot:problem:",
    "https://a.test/errors/",
    "https://a.test/errors#",
    "https://a.test/e?code=",
  ]) {
    assert.equal(serverOptions({ problemTypes }).problemTypes, problemTypes);
  }
});

test("normalizes an origin", () => {
  assert.equal(serverOptions({ publicUrl: "https://API.example.com:443/" }).publicUrl, "https://api.example.com");
  for (const path of ["/svc", "/svc/"]) {
    const { publicUrl } = serverOptions({ publicUrl: `https://api.example.com${path}` });
    assert.equal(publicUrl, "https://api.example.com/svc");
  }
  const { cors } = serverOptions({ cors: { origins: ["https://app.example.com/", "http://localhost:3000"] } });
  assert.deepEqual(cors, { origins: ["https://app.example.com", "http://localhost:3000"] });
});

test("names the invalid option", () => {
  for (const basePath of ["api", "/api/", "/a b", "/%41", "//"]) {
    assert.throws(() => serverOptions({ basePath }), /basePath: .*"\/api"/);
  }
  for (const problemTypes of [
    "",
    "errors/",
    "https://a.test/errors",
    "https://a.test/a b/",
    "ftp://a.test/",
    "urn:a:b",
  ]) {
    assert.throws(() => serverOptions({ problemTypes }), /problemTypes: .* is not a prefix of URLs.*ends with a slash/);
  }
  for (const number of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => serverOptions({ maxDepth: number }), /maxDepth: .* is not a number above zero/);
  }
  const notOrigins = ["example.com", "ftp://example.com", ""];
  const notPublic = ["https://a.example?x=1", "https://a.example/#x", "https://me@a.example", "https://a.example/a//b"];
  for (const publicUrl of [...notOrigins, ...notPublic, 'https://a.example/"']) {
    assert.throws(
      () => serverOptions({ publicUrl }),
      /publicUrl: .* is not an http or https origin with an optional path/,
    );
  }
  for (const origin of [...notOrigins, "https://example.com/api"]) {
    assert.throws(
      () => serverOptions({ cors: { origins: [origin] } }),
      /cors\.origins: .* is not an http or https origin/,
    );
  }
});

test("rejects invalid information for the OpenAPI document, naming the field", () => {
  const cases: readonly (readonly [openapi: unknown, message: RegExp])[] = [
    ["Machines", /^openapi: "Machines" is invalid; it must be an object/],
    [{ title: "" }, /^openapi\.title: "" is invalid; it must be a string that is not empty/],
    [{ version: 2 }, /^openapi\.version: 2 is invalid/],
    [{ licence: { name: "MIT" } }, /^openapi\.licence: is unknown; the fields are title, version, .*license/],
    [{ license: { identifier: "MIT" } }, /^openapi\.license\.name: is missing/],
    [{ license: { name: "MIT", identifier: "MIT", url: "https://a.test" } }, /^openapi\.license: has both/],
    [{ contact: { email: "ops" } }, /^openapi\.contact\.email: "ops" is invalid; it must be an e-mail address/],
    [{ contact: { url: "acme.test" } }, /^openapi\.contact\.url: "acme\.test" is invalid; it must be a URL/],
    [{ contact: ["ops"] }, /^openapi\.contact: \["ops"\] is invalid; it must be an object/],
    [{ servers: [] }, /^openapi\.servers: \[\] is invalid; it must be an array that is not empty/],
    [{ servers: [{ url: "//a.test" }] }, /^openapi\.servers\[0\]\.url: "\/\/a\.test" is invalid/],
    [{ servers: ["https://a.test"] }, /^openapi\.servers\[0\]: "https:\/\/a\.test" is invalid; it must be an object/],
    [{ tags: [{ name: "A" }, { description: "B" }] }, /^openapi\.tags\[1\]\.name: is missing/],
    [{ tags: [{ name: "A" }, { name: "A" }] }, /^openapi\.tags: "A" is duplicated/],
  ];
  for (const [openapi, message] of cases) {
    assert.throws(() => serverOptions({ openapi } as Parameters<typeof serverOptions>[0]), {
      name: "DefinitionError",
      message,
    });
  }
});
