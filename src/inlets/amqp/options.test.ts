import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { temporaryFolder } from "../../../test/support/afoot-process.ts";
import { type AmqpInletOptions, amqpSettings } from "./options.ts";

describe("the options of the AMQP inlet", () => {
  it("come from the URL, with percent-encoded credentials and virtual host", () => {
    const url = "amqps://us%40er:pass%2Fword@[::1]:5673/my%2Fhost?queue=q&prefetch=7&heartbeat=30";
    const { queue, prefetch, nodes } = amqpSettings({ url });
    assert.deepEqual({ queue, prefetch }, { queue: "q", prefetch: 7 });
    assert.deepEqual(nodes, [
      {
        protocol: "amqps",
        hostname: "::1",
        port: 5673,
        username: "us@er",
        password: "pass/word",
        vhost: "my/host",
        heartbeat: 30,
      },
    ]);
  });

  it("have defaults, and options override the URL", () => {
    const { queue, prefetch, nodes, socket } = amqpSettings({});
    assert.deepEqual({ queue, prefetch }, { queue: "afoot.status", prefetch: 200 });
    assert.deepEqual(nodes, [{ protocol: "amqp", hostname: "127.0.0.1", port: 5672, vhost: "/", heartbeat: 5 }]);
    assert.equal(socket.timeout, 5000);
    const several = amqpSettings({ url: ["amqps://one/?queue=a", "amqps://two/%2F"], queue: "b", prefetch: 1 });
    assert.deepEqual({ queue: several.queue, prefetch: several.prefetch }, { queue: "b", prefetch: 1 });
    assert.deepEqual(
      several.nodes.map(({ hostname, port, vhost }) => `${hostname}:${port} ${vhost}`),
      ["one:5671 /", "two:5671 /"],
    );
  });

  it("read the files of TLS, and pass other TLS options on", async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, "ca.pem");
    await writeFile(file, "the certificate");
    const { socket } = amqpSettings({ url: `amqps://one?caFile=${file}`, tls: { servername: "rabbit" } });
    assert.deepEqual([String(socket.ca), socket.servername], ["the certificate", "rabbit"]);
  });

  const faults: readonly (readonly [AmqpInletOptions, RegExp])[] = [
    [{ url: "http://user:secret@host" }, /^amqpInlet: url: it is not a valid URL\. Write amqp:/],
    [{ url: "amqp://user:secret@host:port" }, /url: it is not a valid URL/],
    [{ url: [] }, /url: the list is empty/],
    [{ url: "amqp://user:secret@host/a/b" }, /url: the path of host has several segments.*%2F/],
    [{ url: "amqp://user:secret%@host" }, /url: it contains a % .* Write %25/],
    [
      { url: "amqp://user:secret@host?que=a" },
      /url: "que" is not a known parameter; known: queue, prefetch, heartbeat/,
    ],
    [
      { url: "amqp://user:secret@host?prefetch=many" },
      /prefetch: NaN is not valid\. Use a whole number from 1 to 65535/,
    ],
    [{ url: "amqp://user:secret@host?heartbeat=0" }, /heartbeat: 0 is not valid/],
    [{ prefetch: 65_536 }, /prefetch: 65536 is not valid/],
    [{ queue: "" }, /queue: "" is not a name of a queue/],
    [{ queue: "x".repeat(256) }, /Use 1 to 255 bytes/],
    [{ connectTimeoutMs: 0 }, /connectTimeoutMs: 0 is not valid/],
    [
      { url: "amqp://user:secret@host", tls: { servername: "x" } },
      /tls: the URL starts with amqp:.*Start it with amqps:/,
    ],
    [{ url: "amqps://user:secret@host?caFile=/no/such/file" }, /caFile: \/no\/such\/file cannot be read/],
  ];
  for (const [options, expected] of faults) {
    it(`are rejected with the fix, without the password: ${expected.source}`, () => {
      assert.throws(
        () => amqpSettings(options),
        (error: unknown) => {
          assert.ok(error instanceof Error);
          assert.match(error.message, expected);
          assert.doesNotMatch(error.message, /secret/);
          return true;
        },
      );
    });
  }
});
