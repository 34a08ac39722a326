import assert from "node:assert/strict";
import { everyMount, MACHINES } from "./harness/every-mount.ts";
import { LINUX } from "./harness/types.ts";

const PAGE = "https://app.example.com";
const EXPOSED = "ETag, Link, Location, Operation-Location, Preference-Applied, Retry-After";

everyMount("without the option no response is for pages of other origins", async ({ ask }) => {
  for (const method of ["GET", "OPTIONS"]) {
    const { headers } = await ask(method, MACHINES, {
      headers: { origin: PAGE, "access-control-request-method": "GET" },
    });
    assert.deepEqual(
      [...headers.keys()].filter((name) => name.startsWith("access-control")),
      [],
    );
  }
});

everyMount(
  "a page of an allowed origin may use the API and read problems",
  async ({ ask }) => {
    const headers = { origin: PAGE };
    const answers = [
      await ask("POST", MACHINES, { headers, body: { configuration: LINUX } }),
      await ask("GET", MACHINES, { headers }),
      await ask("GET", `${MACHINES}/unknown`, { headers }),
      await ask("POST", MACHINES, { headers, body: {} }),
      await ask("DELETE", MACHINES, { headers }),
    ];
    for (const answer of answers) {
      assert.equal(answer.headers.get("access-control-allow-origin"), PAGE);
      assert.equal(answer.headers.get("access-control-expose-headers"), EXPOSED);
      assert.match(answer.headers.get("vary") ?? "", /Origin/);
    }
    const asked = {
      ...headers,
      "access-control-request-method": "PATCH",
      "access-control-request-headers": "if-match",
    };
    const preflight = await ask("OPTIONS", `${MACHINES}/a`, { headers: asked });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get("access-control-allow-origin"), PAGE);
    assert.equal(preflight.headers.get("access-control-allow-methods"), "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    assert.equal(preflight.headers.has("allow"), false, "which methods a path takes is for those it answers");
    assert.match(preflight.headers.get("access-control-allow-headers") ?? "", /If-Match/);

    const other = await ask("GET", MACHINES, { headers: { origin: "https://evil.example.com" } });
    assert.equal(other.headers.has("access-control-allow-origin"), false);
    assert.match(other.headers.get("vary") ?? "", /Origin/);
  },
  { cors: { origins: ["https://other.example.com", PAGE] } },
);

everyMount(
  "a page of any origin may with *",
  async ({ ask }) => {
    const { headers } = await ask("GET", MACHINES, { headers: { origin: PAGE } });
    assert.equal(headers.get("access-control-allow-origin"), "*");
    assert.equal((await ask("GET", MACHINES)).headers.has("access-control-allow-origin"), false);
  },
  { cors: { origins: "*" } },
);
