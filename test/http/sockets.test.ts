import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { nodeListener } from "../../src/server/http/node-listener.ts";
import { openFixture } from "./harness/fixture.ts";
import { jsonRequests, MACHINES } from "./harness/mounted-test.ts";
import { listen, sendTo } from "./harness/mounts.ts";
import { RawClient, serveRaw } from "./harness/raw.ts";
import { LINUX } from "./harness/types.ts";

const BODY = JSON.stringify({ configuration: LINUX });
const HEAD = `POST ${MACHINES} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;
const TIMEOUT = { timeout: 20_000 };

test("many clients that send slowly are cut off while others are served", TIMEOUT, async () => {
  await using fixture = await openFixture();
  await using raw = await serveRaw(fixture, {
    headersTimeout: 300,
    requestTimeout: 600,
    connectionsCheckingInterval: 50,
  });
  const slowHeads = Array.from({ length: 100 }, () => new RawClient(raw.port));
  const slowBodies = Array.from({ length: 100 }, () => new RawClient(raw.port));
  for (const client of slowHeads) client.write(`GET ${MACHINES} HTTP/1.1\r\nHost: x\r\nX-Slow: `);
  for (const client of slowBodies) client.write(`${HEAD}Content-Length: ${BODY.length}\r\n\r\n${BODY.slice(0, 10)}`);
  const { create } = jsonRequests(sendTo(raw.port));
  for (let count = 0; count < 20; count++) await create();
  for (const client of slowHeads) assert.match(await client.ended(), /^HTTP\/1\.1 408 /);
  for (const client of slowBodies) await client.ended();
  assert.equal((await fixture.store.list({ type: "virtual-machine", limit: 100 })).length, 20);
  assert.deepEqual(fixture.errors, []);
});

test("a body that stops half-way is 408 by the handler's own clock, on any server", TIMEOUT, async () => {
  await using fixture = await openFixture();
  await using raw = await serveRaw(fixture, { requestTimeout: 0 });
  const client = new RawClient(raw.port);
  client.write(`${HEAD}Content-Length: ${BODY.length}\r\n\r\n${BODY.slice(0, 10)}`);
  await fixture.clock.armed(30_000);
  fixture.clock.advance(30_000);
  const got = await client.received(/"request-timeout"/);
  assert.match(got, /^HTTP\/1\.1 408 /);
  assert.match(got, /\r\nConnection: close\r\n/);
  client.destroy();
});

test("a client that disconnects in the middle of its body leaves nothing", TIMEOUT, async () => {
  await using fixture = await openFixture();
  await using raw = await serveRaw(fixture);
  const client = new RawClient(raw.port);
  client.write(`${HEAD}Content-Length: ${BODY.length}\r\n\r\n${BODY.slice(0, 10)}`);
  await fixture.clock.armed(30_000);
  client.destroy();
  await fixture.clock.armed(30_000, 0);
  assert.deepEqual(await fixture.store.list({ type: "virtual-machine", limit: 1 }), []);
  assert.deepEqual(fixture.errors, []);
});

test(
  "a body over the limit is 413 at once, announced or in chunks, and a client that keeps sending is cut off",
  TIMEOUT,
  async () => {
    await using fixture = await openFixture({ maxBodyBytes: 1000 });
    await using raw = await serveRaw(fixture);

    const announced = new RawClient(raw.port);
    announced.write(`${HEAD}Content-Length: 1000000000\r\n\r\n`);
    const got = await announced.received(/"body-too-large"/);
    assert.match(got, /^HTTP\/1\.1 413 [^]*\r\nConnection: close\r\n/);
    // The server drains some more, so that the client can read the response, but not forever.
    await fixture.clock.armed(2000);
    fixture.clock.advance(2000);
    await announced.ended();

    const chunked = new RawClient(raw.port);
    chunked.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
    for (let count = 0; count < 2; count++) chunked.write(`258\r\n${"x".repeat(0x2_58)}\r\n`);
    assert.match(await chunked.received(/"body-too-large"/), /^HTTP\/1\.1 413 /);
    const flood = Buffer.from(`10000\r\n${"x".repeat(0x1_00_00)}\r\n`);
    for (let count = 0; count < 40; count++) chunked.write(flood);
    await chunked.ended();
    assert.deepEqual(await fixture.store.list({ type: "virtual-machine", limit: 1 }), []);
  },
);

test("a client with Expect: 100-continue gets 100, or the reason why its body is rejected", TIMEOUT, async () => {
  await using fixture = await openFixture({ maxBodyBytes: 1000 });
  await using raw = await serveRaw(fixture);
  const good = new RawClient(raw.port);
  good.write(`${HEAD}Expect: 100-continue\r\nContent-Length: ${BODY.length}\r\n\r\n`);
  await good.received(/^HTTP\/1\.1 100 Continue\r\n\r\n/);
  good.write(BODY);
  await good.received(/\r\n\r\nHTTP\/1\.1 202 /);
  good.destroy();

  for (const [head, status] of [
    [`${HEAD}Content-Length: 5000\r\n`, "413"],
    [`${HEAD.replace("application/json", "text/plain")}Content-Length: 50\r\n`, "415"],
    [`${HEAD.replace(MACHINES, "/api/unknown")}Content-Length: 50\r\n`, "404"],
  ] as const) {
    const refused = new RawClient(raw.port);
    refused.write(`${head}Expect: 100-continue\r\n\r\n`);
    assert.match(await refused.received(/\}$/), new RegExp(`^HTTP/1\\.1 ${status} `));
    refused.destroy();
  }
});

test(
  "pipelined requests on one connection are answered in order, with rejected bodies between them",
  TIMEOUT,
  async () => {
    await using fixture = await openFixture();
    await using raw = await serveRaw(fixture);
    const client = new RawClient(raw.port);
    const post = `Content-Length: ${BODY.length}\r\n\r\n${BODY}`;
    client.write(
      `${HEAD}${post}GET ${MACHINES}?limit=x HTTP/1.1\r\nHost: x\r\n\r\n${HEAD}${post}GET ${MACHINES}/none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    );
    const statuses = [...(await client.ended()).matchAll(/HTTP\/1\.1 ([0-9]{3}) /g)].map(([, status]) => status);
    assert.deepEqual(statuses, ["202", "400", "202", "404"]);
  },
);

test("bytes that are not HTTP get 400 and a closed connection", TIMEOUT, async () => {
  await using fixture = await openFixture();
  await using raw = await serveRaw(fixture);
  for (const bytes of ["\u0016\u0003\u0001", "GET\r\n\r\n", `GET ${MACHINES} HTTP/1.1\r\nbad header\r\n\r\n`]) {
    const client = new RawClient(raw.port);
    client.write(bytes);
    assert.match(await client.ended(), /^HTTP\/1\.1 400 /, bytes);
  }
  assert.deepEqual(await fixture.store.list({ type: "virtual-machine", limit: 1 }), []);
});

test("a request whose end is ambiguous gets 400 and a closed connection, and begins nothing", TIMEOUT, async () => {
  await using fixture = await openFixture();
  await using raw = await serveRaw(fixture);
  const size = `Content-Length: ${BODY.length}\r\n`;
  const chunk = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;
  const chunked = "Transfer-Encoding: chunked\r\n";
  const ambiguous = {
    "two lengths": `${HEAD}${size}Content-Length: 6\r\n\r\n${BODY}`,
    "the same length twice": `${HEAD}${size}${size}\r\n${BODY}`,
    "a list of lengths": `${HEAD}Content-Length: ${BODY.length}, ${BODY.length}\r\n\r\n${BODY}`,
    "a length with a sign": `${HEAD}Content-Length: +${BODY.length}\r\n\r\n${BODY}`,
    "a length and chunks": `${HEAD}${size}${chunked}\r\n${chunk}`,
    "chunks and a length": `${HEAD}${chunked}${size}\r\n${chunk}`,
    "an unknown coding": `${HEAD}Transfer-Encoding: xchunked\r\n\r\n${chunk}`,
    "chunks that are not last": `${HEAD}Transfer-Encoding: chunked, identity\r\n\r\n${chunk}`,
    "two codings": `${HEAD}${chunked}Transfer-Encoding: identity\r\n\r\n${chunk}`,
    "a space before the colon": `${HEAD}Transfer-Encoding : chunked\r\n\r\n${chunk}`,
    "a control character before the coding": `${HEAD}Transfer-Encoding: \u000bchunked\r\n\r\n${chunk}`,
    "a folded header": `${HEAD}Transfer-Encoding:\r\n chunked\r\n\r\n${chunk}`,
    "a bare line feed": `${HEAD}${size.replace("\r\n", "\n")}\r\n${BODY}`,
    "a bare carriage return": `${HEAD}X: y\r${size}\r\n${BODY}`,
    "a line feed in a chunk extension": `${HEAD}${chunked}\r\n${BODY.length.toString(16)};\n${BODY}\r\n0\r\n\r\n`,
    "a chunk of more than 64 bits": `${HEAD}${chunked}\r\nfffffffffffffffff\r\n${BODY}\r\n0\r\n\r\n`,
    "a NUL in a header": `${HEAD}X: a\0b\r\n${size}\r\n${BODY}`,
  };
  const results = await Promise.all(
    Object.entries(ambiguous).map(async ([name, bytes]) => {
      const client = new RawClient(raw.port);
      client.write(bytes);
      return [name, (await client.ended()).startsWith("HTTP/1.1 400 ")];
    }),
  );
  assert.deepEqual(
    results.filter(([, isRefused]) => isRefused !== true),
    [],
  );
  assert.deepEqual(await fixture.store.list({ type: "virtual-machine", limit: 1 }), []);

  // Chunk extensions and trailers are allowed, and ignored: a trailer is no header.
  const client = new RawClient(raw.port);
  const extended = chunk.replace("\r\n", ";name=value\r\n").replace(/\r\n$/, "Idempotency-Key: <bad>\r\n\r\n");
  client.write(`${HEAD}${chunked}Connection: close\r\n\r\n${extended}`);
  assert.match(await client.ended(), /^HTTP\/1\.1 202 /);
  assert.deepEqual(fixture.errors, []);
});

test("a flood of headers is 431, and repeated headers are one value or refused", TIMEOUT, async () => {
  await using fixture = await openFixture({
    authenticate: ({ header }) => (header("authorization") === "ann" ? { id: "ann" } : null),
  });
  await using raw = await serveRaw(fixture);
  const statusOf = async (headers: string): Promise<string | undefined> => {
    const client = new RawClient(raw.port);
    client.write(`${HEAD}${headers}Content-Length: ${BODY.length}\r\nConnection: close\r\n\r\n${BODY}`);
    return /^HTTP\/1\.1 (\d+)/.exec(await client.ended())?.[1];
  };
  // Node drops headers beyond the 2000th, such as those that a proxy appends, but their size ends the request before.
  for (const flood of ["X:\r\n".repeat(1900), "X:\r\n".repeat(2100), `X: ${"x".repeat(16_384)}\r\n`]) {
    assert.equal(await statusOf(`${flood}Authorization: ann\r\n`), "431");
  }
  const authorized = "Authorization: ann\r\n";
  assert.equal(await statusOf(`${"X:\r\n".repeat(900)}${authorized}`), "202");
  // The first counts.
  assert.equal(await statusOf(`Authorization: bob\r\n${authorized}`), "401");
  assert.equal(await statusOf(`${authorized}Authorization: bob\r\n`), "202");
  assert.equal(await statusOf(`${authorized}Idempotency-Key: one\r\nIdempotency-Key: two\r\n`), "400");
  assert.equal(await statusOf(`${authorized}Content-Type: text/plain\r\n`), "202");
  assert.equal(await statusOf(`${authorized}${'If-Match: "a"\r\n'.repeat(101)}`), "400");
  assert.equal(await statusOf(`${authorized}${"Prefer: a\r\n".repeat(101)}`), "400");
  assert.deepEqual(fixture.errors, []);
});

/** Resolves at the next request, to a function that resolves to true if its response is sent, and to false if it is cut off. */
async function closedOf(server: Server): Promise<() => Promise<boolean>> {
  const { promise, resolve } = Promise.withResolvers<ServerResponse>();
  server.once("request", (_: IncomingMessage, response: ServerResponse) => resolve(response));
  const response = await promise;
  const closing = Promise.withResolvers<void>();
  response.once("close", () => closing.resolve());
  return () => closing.promise.then(() => response.writableFinished);
}

test("large responses that are not read occupy no more than a limit of memory", TIMEOUT, async () => {
  const body = "x".repeat(60 * 1024 * 1024);
  const handler = Object.assign(() => ({ status: 200, headers: [], body }), { close: async () => {} });
  const server = createServer(nodeListener(handler));
  const port = await listen(server);
  const unread: Socket[] = [];
  const closed: (() => Promise<boolean>)[] = [];
  for (let count = 0; count < 4; count++) {
    const responding = closedOf(server);
    const client = connect(port, "127.0.0.1").pause();
    unread.push(client);
    client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    closed.push(await responding);
  }
  assert.deepEqual(await Promise.all(closed.slice(0, 2).map((each) => each())), [false, false], "two fit");
  const { text } = await sendTo(port)({ path: "/" });
  assert.equal(text.length, body.length);
  for (const client of unread) client.destroy();
  await Promise.all(closed.map((each) => each()));
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

test("a whole URL, as a proxy sends it, is the same path; an invalid host is not repeated", TIMEOUT, async () => {
  await using fixture = await openFixture({ operations: true });
  await using raw = await serveRaw(fixture);
  const whole = new RawClient(raw.port);
  whole.write(`GET http://example.com${MACHINES}?limit=1 HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n`);
  assert.match(await whole.ended(), /^HTTP\/1\.1 200 [^]*\{"items":\[\]\}$/);
  const hostile = new RawClient(raw.port);
  hostile.write(
    `${HEAD.replace("Host: x", 'Host: "><script>')}Content-Length: ${BODY.length}\r\nConnection: close\r\n\r\n${BODY}`,
  );
  const got = await hostile.ended();
  assert.match(got, /^HTTP\/1\.1 202 [^]*\r\nOperation-Location: \/api\/operations\//);
  assert.doesNotMatch(got, /script/);
});

test("an event stream without a reader is closed", TIMEOUT, async () => {
  await using fixture = await openFixture();
  await using raw = await serveRaw(fixture);
  const { create } = jsonRequests(sendTo(raw.port));
  const path = await create();
  const client = new RawClient(raw.port);
  client.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n`);
  await client.received(/event: resource/);
  await fixture.clock.armed(15_000);
  client.destroy();
  await fixture.clock.armed(15_000, 0);
});

test("one listener can be the fallback of another", TIMEOUT, async () => {
  await using fixture = await openFixture();
  const server = createServer(
    nodeListener(fixture.handler, { basePath: "/api", fallback: (_, response) => void response.end("beside") }),
  );
  const send = sendTo(await listen(server));
  assert.equal((await send({ path: "/docs" })).text, "beside");
  assert.equal((await send({ path: "/apis" })).text, "beside");
  assert.equal((await send({ path: MACHINES })).text, '{"items":[]}');
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});
