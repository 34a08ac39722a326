import assert from "node:assert/strict";
import { test } from "node:test";
import { serverOptions } from "./options.ts";

test("fills in what is left out or undefined", () => {
  const { basePath, maxBodyBytes, operations, waitMs } = serverOptions({
    basePath: "/v1/api",
    waitMs: undefined as never,
  });
  assert.deepEqual(
    { basePath, maxBodyBytes, operations, waitMs },
    { basePath: "/v1/api", maxBodyBytes: 262_144, operations: false, waitMs: 60_000 },
  );
});

test("takes an origin however it is written", () => {
  assert.equal(serverOptions({ publicUrl: "https://API.example.com:443/" }).publicUrl, "https://api.example.com");
  const { cors } = serverOptions({ cors: { origins: ["https://app.example.com/", "http://localhost:3000"] } });
  assert.deepEqual(cors, { origins: ["https://app.example.com", "http://localhost:3000"] });
});

test("names what is wrong", () => {
  for (const basePath of ["api", "/api/", "/a b", "/%41", "//"]) {
    assert.throws(() => serverOptions({ basePath }), /basePath: .*"\/api"/);
  }
  for (const number of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => serverOptions({ maxDepth: number }), /maxDepth: .* is not a number above zero/);
  }
  for (const publicUrl of ["example.com", "ftp://example.com", "https://example.com/api", ""]) {
    assert.throws(() => serverOptions({ publicUrl }), /publicUrl: .* is not an http or https origin/);
    assert.throws(
      () => serverOptions({ cors: { origins: [publicUrl] } }),
      /cors\.origins: .* is not an http or https origin/,
    );
  }
});
