import assert from "node:assert/strict";
import { createServer, type Server, type Socket } from "node:net";
import { describe, it, test } from "node:test";
import { PermanentError, WorkError } from "../../src/core/errors.ts";
import { systemClock } from "../../src/core/scheduling/clock.ts";
import { allowedAddresses, isReachable } from "../../src/server/webhooks/addresses.ts";
import { type Resolve, sendWebhook, type WebhookRequest } from "../../src/server/webhooks/send.ts";
import { webhookUrlError } from "../../src/server/webhooks/url.ts";
import { anyOf } from "../support/random.ts";
import { SteppedClock } from "../support/stepped-clock.ts";

const NONE = allowedAddresses([]);

describe("addresses", () => {
  const inside = [
    ..."127.0.0.1 127.8.9.1 0.0.0.0 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1".split(
      " ",
    ),
    ..."100.100.100.200 192.0.0.192 168.63.129.16 224.0.0.1 239.255.255.250 255.255.255.255 198.18.0.1 240.0.0.1".split(
      " ",
    ),
    ..."::1 :: fe80::1 fe80::1%eth0 fc00::1 fd00:ec2::254 ff02::1 ::ffff:127.0.0.1 ::ffff:a9fe:a9fe ::127.0.0.1".split(
      " ",
    ),
    ..."64:ff9b::7f00:1 64:ff9b::169.254.169.254 64:ff9b:: 64:ff9b::1 64:ff9b:1::7f00:1 2002:7f00:1::1 2001::1".split(
      " ",
    ),
    ..."2001:db8::1 fec0::1 100::1 3fff::1 localhost 1".split(" "),
  ];
  for (const address of inside) {
    it(`does not reach ${address}`, () => {
      assert.equal(isReachable(address, NONE), false);
    });
  }

  const outside = "8.8.8.8 1.1.1.1 172.32.0.1 2606:4700::1111 64:ff9b::8.8.8.8 ::ffff:8.8.8.8 2a00:1450::1".split(" ");
  it(`reaches ${outside.join(", ")}`, () => {
    for (const address of outside) assert.ok(isReachable(address, NONE), address);
  });

  it("reaches what the app allows, in each form", () => {
    const allowed = allowedAddresses(["10.1.0.0/16", "::1", "192.168.7.7"]);
    for (const each of ["10.1.2.3", "::ffff:10.1.2.3", "::1", "192.168.7.7"]) {
      assert.ok(isReachable(each, allowed), each);
    }
    for (const each of ["10.2.0.1", "::2", "192.168.7.8"]) assert.ok(!isReachable(each, allowed), each);
    for (const each of ["10.0.0.0/33", "localhost", "10.0.0.0/", "10.0.0.0/-1", ""]) {
      assert.throws(() => allowedAddresses([each]), /webhooks\.allow: ".*" is no address or range/);
    }
  });

  it("knows decimal, octal, hexadecimal and short forms in URLs", () => {
    const forms = "2130706433 0x7f000001 0177.0.0.1 127.1 0 [::ffff:127.0.0.1] [0:0:0:0:0:0:0:1] 127.0.0.1.".split(" ");
    for (const host of [...forms, "①②⑦.0.0.1", "%31%32%37.0.0.1"]) {
      assert.equal(webhookUrlError(`https://${host}/`, NONE), "must not lead to a private address", host);
    }
  });
});

interface Listening extends AsyncDisposable {
  readonly port: number;
  /** Number of connections so far. */
  readonly connections: () => number;
  readonly sockets: ReadonlySet<Socket>;
}

/** Listens on an address, and serves each connection by `serve`. */
async function listen(host: string, serve: (socket: Socket) => void, wanted = 0): Promise<Listening> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server: Server = createServer((socket) => {
    count++;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    serve(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(wanted, host, resolve);
  });
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return {
    port: address.port,
    connections: () => count,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function request(url: string, more: Partial<WebhookRequest> = {}): WebhookRequest {
  return {
    url,
    headers: { "content-type": "application/json" },
    body: "{}",
    allowed: allowedAddresses(["127.0.0.2"]),
    resolve: async () => [{ address: "127.0.0.2", family: 4 }],
    signal: new AbortController().signal,
    clock: systemClock,
    ...more,
  };
}

test("1,000 tries by redirects and by names that change never reach an address inside", async () => {
  await using inside = await listen("127.0.0.1", (socket) => socket.end());
  const { port } = inside;
  // 127.0.0.2 is allowed, and stands for the public receiver. It redirects to the same port inside.
  await using outside = await listen(
    "127.0.0.2",
    (socket) =>
      socket.once("data", () =>
        socket.end(`HTTP/1.1 ${anyOf([301, 302, 303, 307, 308])} Moved\r\nLocation: http://127.0.0.1:${port}/\r\n\r\n`),
      ),
    port,
  );
  const answers = "127.0.0.1 ::1 ::ffff:127.0.0.1 10.0.0.1 169.254.169.254 64:ff9b::7f00:1 0.0.0.0".split(" ");
  let resolved = 0;
  const resolve: Resolve = async () => {
    const isInside = resolved++ % 2 === 1;
    const address = isInside ? anyOf(answers) : "127.0.0.2";
    const found = { address, family: address.includes(":") ? 6 : 4 };
    return anyOf([true, false]) && isInside ? [{ address: "127.0.0.2", family: 4 }, found] : [found];
  };
  let redirects = 0;
  let refusals = 0;
  const attempt = async (): Promise<void> => {
    try {
      const status = await sendWebhook(request(`http://rebind.example:${port}/`, { resolve }));
      assert.ok(status >= 301 && status <= 308, String(status));
      redirects++;
    } catch (error) {
      assert.ok(error instanceof PermanentError, String(error));
      assert.equal(error.code, "webhook-address");
      refusals++;
    }
  };
  for (let round = 0; round < 50; round++) await Promise.all(Array.from({ length: 20 }, attempt));
  assert.deepEqual([redirects, refusals, outside.connections(), inside.connections()], [500, 500, 500, 0]);
  // Literal addresses are not resolved, so they are checked by themselves.
  for (const host of ["127.0.0.1", "[::1]", "2130706433", "[::ffff:7f00:1]"]) {
    await assert.rejects(sendWebhook(request(`http://${host}:${port}/`)), { code: "webhook-address" });
  }
  assert.equal(inside.connections(), 0);
});

describe("a receiver that misbehaves", () => {
  const misbehaviours: Readonly<Record<string, readonly [response: string, expected: number | string]>> = {
    "lies about its length": ["HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort", 200],
    "sends more than its length": ["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nfar too long", 200],
    "sends no HTTP": ["220 mail.example ESMTP\r\n", "HPE_INVALID_CONSTANT"],
    "sends nothing": ["", "ECONNRESET"],
    "switches protocols": ["HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", "connection"],
    "sends a head that is too long": [`HTTP/1.1 200 OK\r\nX: ${"x".repeat(40_000)}\r\n\r\n`, "HPE_HEADER_OVERFLOW"],
  };
  for (const [name, [response, expected]] of Object.entries(misbehaviours)) {
    it(name, async () => {
      await using receiver = await listen("127.0.0.2", (socket) => socket.once("data", () => socket.end(response)));
      const sent = sendWebhook(request(`http://receiver.example:${receiver.port}/`));
      if (typeof expected === "number") assert.equal(await sent, expected);
      else {
        await assert.rejects(sent, (error) => error instanceof WorkError && error.message.includes(expected));
      }
    });
  }

  it("sends a body without an end: a part of it is read, and the status counts", async () => {
    let written = 0;
    await using receiver = await listen("127.0.0.2", (socket) => {
      socket.once("data", () => {
        socket.write("HTTP/1.1 204 OK\r\n\r\n".replace("204", "200"));
        const more = (): void => {
          while (!socket.destroyed && socket.write("x".repeat(1024))) written += 1024;
        };
        socket.on("drain", more);
        more();
      });
    });
    assert.equal(await sendWebhook(request(`http://receiver.example:${receiver.port}/`)), 200);
    assert.ok(written < 50_000_000, String(written));
  });

  it("hangs before the head: the request ends after 15 seconds", async () => {
    const clock = new SteppedClock();
    const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
    await using receiver = await listen("127.0.0.2", (socket) => socket.once("data", () => onAsked()));
    const sent = sendWebhook(request(`http://receiver.example:${receiver.port}/`, { clock }));
    await asked;
    clock.advance(14_999);
    assert.equal(receiver.sockets.size, 1);
    clock.advance(1);
    await assert.rejects(sent, /no response within 15 seconds/);
    assert.equal(clock.size, 0);
  });

  it("hangs in the body: the status counts after 2 seconds", async () => {
    const clock = new SteppedClock();
    await using receiver = await listen("127.0.0.2", (socket) =>
      socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")),
    );
    const sent = sendWebhook(request(`http://receiver.example:${receiver.port}/`, { clock }));
    await clock.armed(2000);
    clock.advance(2000);
    assert.equal(await sent, 200);
    assert.equal(clock.size, 0);
  });

  it("has a name server that hangs: the request ends after 15 seconds", async () => {
    const clock = new SteppedClock();
    const sent = sendWebhook(request("https://slow.example/", { clock, resolve: () => new Promise(() => {}) }));
    await clock.armed(15_000);
    clock.advance(15_000);
    await assert.rejects(sent, /no response within 15 seconds/);
  });
});
