import assert from "node:assert/strict";
import { mountedTest, MACHINES } from "./harness/mounted-test.ts";
import { LINUX } from "./harness/types.ts";

const PAGE = "https://app.example.com";
const EXPOSED = "ETag, Link, Location, Operation-Location, Preference-Applied, Retry-After";

mountedTest("without the option no response is for pages of other origins", async ({ request }) => {
  for (const method of ["GET", "OPTIONS"]) {
    const { headers } = await request(method, MACHINES, {
      headers: { origin: PAGE, "access-control-request-method": "GET" },
    });
    assert.deepEqual(
      [...headers.keys()].filter((name) => name.startsWith("access-control")),
      [],
    );
  }
});

mountedTest(
  "a page of an allowed origin may use the API and read problems",
  async ({ request }) => {
    const headers = { origin: PAGE };
    const answers = [
      await request("POST", MACHINES, { headers, body: { configuration: LINUX } }),
      await request("GET", MACHINES, { headers }),
      await request("GET", `${MACHINES}/unknown`, { headers }),
      await request("POST", MACHINES, { headers, body: {} }),
      await request("DELETE", MACHINES, { headers }),
    ];
    for (const answer of answers) {
      assert.equal(answer.headers.get("access-control-allow-origin"), PAGE);
      assert.equal(answer.headers.get("access-control-expose-headers"), EXPOSED);
      assert.match(answer.headers.get("vary") ?? "", /Origin/);
    }
    const preflightHeaders = {
      ...headers,
      "access-control-request-method": "PATCH",
      "access-control-request-headers": "if-match",
    };
    const preflight = await request("OPTIONS", `${MACHINES}/a`, { headers: preflightHeaders });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get("access-control-allow-origin"), PAGE);
    assert.equal(preflight.headers.get("access-control-allow-methods"), "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    assert.equal(preflight.headers.has("allow"), false, "which methods a path takes is for those it answers");
    assert.match(preflight.headers.get("access-control-allow-headers") ?? "", /If-Match/);

    const other = await request("GET", MACHINES, { headers: { origin: "https://evil.example.com" } });
    assert.equal(other.headers.has("access-control-allow-origin"), false);
    assert.match(other.headers.get("vary") ?? "", /Origin/);
  },
  { cors: { origins: ["https://other.example.com", PAGE] } },
);

mountedTest(
  "a page of any origin may with *",
  async ({ request }) => {
    const { headers } = await request("GET", MACHINES, { headers: { origin: PAGE } });
    assert.equal(headers.get("access-control-allow-origin"), "*");
    assert.equal((await request("GET", MACHINES)).headers.has("access-control-allow-origin"), false);
  },
  { cors: { origins: "*" } },
);
