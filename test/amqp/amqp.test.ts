import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { postgresStore } from "afoot/stores/postgres";
import { connect } from "amqplib";
import { connectReporter } from "../../examples/engines/rabbitmq/reporter.ts";
import { celeryMissing, checkCelery } from "../examples/engines/celery.ts";
import { order, statusMessage } from "../external/fixture.ts";
import { type AfootProcess, startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { followed, send } from "../support/exchange.ts";
import { postgresMissing, type PostgresServer, startPostgres } from "../support/postgres.ts";
import { rabbitMissing, type RabbitServer, READER, startRabbit } from "../support/rabbitmq.ts";
import { startProxy } from "../support/tcp-proxy.ts";
import { messagesIn, publish, startInlet } from "./fixture.ts";

const appFile = join(import.meta.dirname, "../nats/app.ts");
const example = join(import.meta.dirname, "../../examples/engines/rabbitmq/app.ts");
const configuration = { ram: "16GB" };
const DONE = { details: { address: "192.168.1.10" } };
const missing = rabbitMissing() === false ? await postgresMissing() : rabbitMissing();

describe("status messages over RabbitMQ", { skip: missing }, () => {
  let rabbit: RabbitServer;
  let postgres: PostgresServer;
  before(async () => {
    [rabbit, postgres] = await Promise.all([startRabbit(), startPostgres()]);
  });
  after(async () => {
    await Promise.all([rabbit[Symbol.asyncDispose](), postgres.remove()]);
  });

  const succeeded = (id: string | undefined): string =>
    JSON.stringify(statusMessage(`machine/${id}`, "succeeded", DONE));

  // Each has a queue of its own, and leaves RabbitMQ alone.
  describe("while RabbitMQ is available", { concurrency: true }, () => {
    it("goes the second diagram arrow by arrow, and drains at a graceful stop", async () => {
      await using folder = await temporaryFolder();
      const start = (): Promise<AfootProcess> =>
        startAfoot({ app: example, folder: folder.path, environment: { AMQP_URL: rabbit.url } });
      let server = await start();
      await using reporter = await connectReporter(rabbit.url, "/hypervisor/7");
      const { status, headers } = await send(`${server.origin}/api/machines`, "POST", { configuration });
      assert.equal(status, 202);
      const location = headers.get("Location") ?? "";
      const subject = location.replace("/api/machines", "machine");
      const following = followed(server.origin + location);
      await reporter.report(subject, "progress", { progress: 0.5, status: "Booting" });
      await reporter.report(subject, "succeeded", DONE);
      const id = subject.slice("machine/".length);
      const ready = { id, status: "Ready", configuration, address: "192.168.1.10" };
      assert.deepEqual((await following).at(-1)?.body, ready);

      // What is posted while the server is down is applied after its start.
      const next = await send(`${server.origin}/api/machines`, "POST", { configuration });
      assert.equal(await server.stop(), 0);
      const { password } = new URL(rabbit.url);
      for (const secret of [password, decodeURIComponent(password)]) assert.ok(!server.log().includes(secret));
      const nextLocation = next.headers.get("Location") ?? "";
      await reporter.report(nextLocation.replace("/api/machines", "machine"), "succeeded", DONE);
      server = await start();
      assert.equal((await followed(server.origin + nextLocation)).at(-1)?.body["status"], "Ready");
      assert.equal(await server.stop(), 0);
    });

    it("leaves messages unacknowledged during an outage of the store, and holds no more than the prefetch", async () => {
      const proxy = await startProxy(postgres.port);
      await using stack = new AsyncDisposableStack();
      stack.defer(() => proxy.close());
      const store = `${postgres.url.replace(`:${postgres.port}`, `:${proxy.port}`)}?schema=${postgres.schema()}`;
      const environment = { AFOOT_INLET: `${rabbit.url}?queue=outage&prefetch=2` };
      await using server = await startAfoot({
        app: appFile,
        environment,
        flags: ["--role", "server", "--store", store],
      });
      const { headers } = await send(`${server.origin}/api/machines`, "POST", { configuration });
      const id = (headers.get("Location") ?? "").split("/").at(-1);
      proxy.refuse(true);
      proxy.cut();
      const texts = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7].map((progress) =>
        JSON.stringify(statusMessage(`machine/${id}`, "progress", { progress })),
      );
      await publish(rabbit.url, "outage", ...texts, succeeded(String(id)));
      await eventually("the inlet to wait", async () => {
        const { body } = await send(`${server.origin}/readyz`, "GET");
        return JSON.stringify(body).includes("waiting for the store");
      });
      assert.equal(await messagesIn(rabbit.url, "outage"), 6, "two of eight are in hand");
      proxy.refuse(false);
      const url = server.origin + (headers.get("Location") ?? "");
      await eventually("the store to be back", async () => (await send(url, "GET")).status === 200);
      assert.equal((await followed(url)).at(-1)?.body["status"], "Ready");
      assert.equal(await messagesIn(rabbit.url, "outage"), 0);
      assert.equal(await server.stop(), 0);
    });

    it("discards poison or dead-letters it, with the reason in log and metric, and continues", async () => {
      const connection = await connect(rabbit.url);
      const channel = await connection.createChannel();
      await channel.assertQueue("poison");
      const queue = "with-dead-letters";
      await channel.assertQueue(queue, { deadLetterExchange: "", deadLetterRoutingKey: "poison" });
      await connection.close();
      await using inlet = await startInlet({ url: rabbit.url, queue });
      await inlet.ready();
      const id = await inlet.create();
      const poison = [
        "no JSON at all",
        Buffer.from([0xff, 0xfe]),
        JSON.stringify({ specversion: "1.0" }),
        JSON.stringify(statusMessage("machine/nobody", "progress", { progress: 0.5 })),
        JSON.stringify(statusMessage("stranger/1", "progress", { progress: 0.5 })),
        JSON.stringify(statusMessage(`machine/${id}`, "succeeded", { details: { address: "nowhere" } })),
        JSON.stringify(statusMessage(`machine/${id}`, "progress", { status: "x".repeat(300_000) })),
        "[".repeat(100_000),
      ];
      await publish(rabbit.url, queue, ...poison, succeeded(id));
      await inlet.settled(id);
      await eventually(
        "the poison to be dead-lettered",
        async () => (await messagesIn(rabbit.url, "poison")) === poison.length,
      );
      const reasons = inlet.lines.filter((line) => line.includes("can never be applied"));
      assert.equal(reasons.length, poison.length, reasons.join("\n"));
      const all = reasons.join("\n");
      for (const reason of [
        /line 1, column 1/,
        /byte 1, the body is not UTF-8/,
        /\/type is missing/,
        /resource-not-found/,
        /\/data\/details\/address/,
        /body-too-large.*300\d{3} bytes.*262144/,
        /nest/i,
      ]) {
        assert.match(all, reason);
      }
      assert.match(await inlet.app.metrics(), /afoot_status_messages_total\{afoot_result="refused"\} 8/);
    });

    it("leaves a message for a type of another version to a server that declares it", async () => {
      const store = () => postgresStore({ url: postgres.url, schema });
      const schema = postgres.schema();
      const { url } = rabbit;
      await using newer = await startInlet({ url, queue: "newer", store: store() });
      const id = await newer.create();
      const older = await startInlet({ url, queue: "shared", store: store(), resources: [order] });
      await older.ready();
      await publish(url, "shared", succeeded(id));
      await eventually("the message to return to the queue", async () =>
        /afoot_result="later"\} [2-9]/.test(await older.app.metrics()),
      );
      await using last = await startInlet({ url, queue: "shared", store: store() });
      await older[Symbol.asyncDispose]();
      await last.settled(id);
    });

    it("reports wrong credentials, a missing virtual host and missing permissions with the fix, without any secret", async () => {
      const secret = "wrong/secret";
      for (const { url, expected } of [
        { url: rabbit.urlOf(READER.name, secret), expected: /refused the user name or the password; check both/ },
        {
          url: rabbit.urlOf(READER.name, READER.password, "no/where"),
          expected: /virtual host "no\/where".*rabbitmqctl add_vhost "no\/where"/,
        },
        {
          url: rabbit.urlOf(READER.name, READER.password),
          expected: /the user may not use the queue .*set_permissions/,
        },
        { url: "amqp://127.0.0.1:1", expected: /ECONNREFUSED.*nothing is lost/ },
        { url: rabbit.tls.url, expected: /self-signed certificate.*; pass the certificate/ },
      ]) {
        await using inlet = await startInlet({ url, queue: "hidden" });
        const part = await inlet.part();
        assert.equal(part?.ready, false);
        assert.equal(part.isDispensable, true);
        assert.match(part.detail, expected);
        assert.match(inlet.lines.join("\n"), /not consuming status messages over AMQP; retrying/);
        const { password, username } = new URL(url);
        for (const hidden of [secret, READER.password, READER.name, password, decodeURIComponent(password), username]) {
          if (hidden !== "") assert.ok(![part.detail, ...inlet.lines].join("\n").includes(hidden), hidden);
        }
        assert.notEqual(await inlet.create(), "");
      }
    });

    it("passes TLS options on, tries the nodes of a cluster in turn, and reads a queue that it may not create", async () => {
      const { url, cert } = rabbit.tls;
      await using secure = await startInlet({
        url: ["amqps://127.0.0.1:1", url],
        tls: { ca: readFileSync(cert) },
        queue: "secure",
      });
      await secure.ready();
      const id = await secure.create();
      await publish(rabbit.url, "secure", succeeded(id));
      await secure.settled(id);

      await using reader = await startInlet({ url: rabbit.urlOf(READER.name, READER.password), queue: "secure" });
      await reader.ready();
      await using byFile = await startInlet({ url: `${url}?caFile=${cert}`, queue: "secure" });
      await byFile.ready();
    });
  });

  it("carries the tasks and the status of the Celery example", { skip: celeryMissing() }, () => checkCelery(rabbit));

  it("detects a frozen RabbitMQ, a deleted queue, and consumes on while publishers are blocked", async () => {
    await using inlet = await startInlet({ url: `${rabbit.url}?heartbeat=1`, queue: "frozen" });
    await inlet.ready();
    const ids = [await inlet.create(), await inlet.create(), await inlet.create()];
    const connection = await connect(rabbit.url);
    const channel = await connection.createChannel();
    await channel.deleteQueue("frozen");
    await connection.close();
    await eventually("the inlet to notice", () => inlet.lines.some((line) => line.includes("the queue was deleted")));
    await inlet.ready();
    await publish(rabbit.url, "frozen", succeeded(ids[0]));
    await inlet.settled(ids[0]);

    await rabbit.evaluate("vm_memory_monitor:set_vm_memory_high_watermark(0.0).");
    const blocked = publish(rabbit.url, "frozen", succeeded(ids[1]));
    assert.equal((await inlet.part())?.ready, true, "a connection that only consumes is not blocked");
    await rabbit.evaluate("vm_memory_monitor:set_vm_memory_high_watermark(0.9).");
    await blocked;
    await inlet.settled(ids[1]);

    const thaw = rabbit.freeze();
    try {
      await eventually("the silence to be noticed", async () => (await inlet.part())?.ready === false);
    } finally {
      thaw();
    }
    await inlet.ready();
    await publish(rabbit.url, "frozen", succeeded(ids[2]));
    await inlet.settled(ids[2]);
  });
});
