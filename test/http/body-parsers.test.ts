import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import express from "express";
import { fetchHandler } from "../../src/server/http/fetch.ts";
import { nodeListener } from "../../src/server/http/node-listener.ts";
import { openFixture } from "./harness/fixture.ts";
import { jsonRequests, MACHINES } from "./harness/mounted-test.ts";
import { listen, sendTo } from "./harness/mounts.ts";
import { LINUX } from "./harness/types.ts";

const BODY = { configuration: LINUX };

test("a body that a parser in front has read is a 500 with instructions", async () => {
  await using fixture = await openFixture();
  const site = express();
  site.use(express.json());
  site.use(nodeListener(fixture.handler));
  const server = createServer(site);
  const { request } = jsonRequests(sendTo(await listen(server)));
  try {
    const { status, headers, json } = await request("POST", MACHINES, { body: BODY });
    assert.equal(status, 500);
    assert.match(json.detail, /before express\.json\(\)/);
    assert.equal(headers.get("Retry-After"), null);
    assert.equal((await request("GET", MACHINES)).status, 200);
  } finally {
    server.close();
  }
});

test("a used body of a Request is a 500 too", async () => {
  await using fixture = await openFixture();
  const original = new Request(`http://localhost${MACHINES}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(BODY),
  });
  await original.json();
  const answer = await fetchHandler(fixture.handler)(original);
  assert.equal(answer.status, 500);
  assert.match(JSON.stringify(await answer.json()), /body parser/);
});
