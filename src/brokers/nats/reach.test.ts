import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { connect, headers, type NatsConnection, nkeys } from "@nats-io/transport-node";
import { makeCertificate, opensslMissing } from "../../../test/support/certificate.ts";
import { natsMissing, startNats } from "../../../test/support/nats.ts";
import { handlersWith } from "../../conformance/broker/fixture.ts";
import { isAfootError } from "../../core/errors.ts";
import type { Broker } from "../../core/ports/broker.ts";
import { silentLog } from "../../core/ports/log.ts";
import type { Notice } from "../../core/ports/messages.ts";
import { systemClock } from "../../core/scheduling/clock.ts";
import { natsBroker, type NatsBrokerOptions } from "./index.ts";

const FOR_EVER_MS = 3_600_000;
const CLAIM = { worker: "w1", claim: 1, slots: [] };
const isUnavailable = (error: unknown): boolean => isAfootError(error) && error.code === "broker-unavailable";

describe("reaching NATS", { skip: natsMissing() }, () => {
  let folder = "";
  const brokers: Broker[] = [];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "afoot-test-"));
  });
  afterEach(async () => {
    await Promise.all(brokers.splice(0).map((broker) => broker.close()));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const open = async (options: NatsBrokerOptions): Promise<Broker> => {
    const broker = natsBroker(options);
    brokers.push(broker);
    await broker.open();
    return broker;
  };
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  /** Server and worker of one app, with a reply to the worker's claim. */
  const pair = async (options: NatsBrokerOptions): Promise<{ server: Broker; worker: Broker }> => {
    const [server, worker] = await Promise.all([open(options), open(options)]);
    server.serve(handlersWith({ claim: async ({ claim }) => ({ grants: [], nextDueMs: claim }) }));
    await server.subscribed?.();
    assert.deepEqual(await worker.request("claim", CLAIM, { timeoutMs: FOR_EVER_MS }), { grants: [], nextDueMs: 1 });
    return { server, worker };
  };

  it("with user and password; wrong ones are rejected, reported and retried", async () => {
    await using nats = await startNats(["--user", "afoot", "--pass", "p@ss/word"]);
    await pair({ servers: `nats://afoot:p%40ss%2Fword@127.0.0.1:${nats.port}` });
    const refused = await open({ servers: nats.url, user: "afoot", password: "wrong" });
    assert.match(refused.status?.().detail ?? "", /Authorization Violation/i);
    await refused.close();
  });

  it("with a token", async () => {
    await using nats = await startNats(["--auth", "t0ken"]);
    await pair({ servers: nats.url, token: "t0ken" });
  });

  it("with an nkey, whose file is read at each connection", async () => {
    const user = nkeys.createUser();
    const config = await file("nkey.conf", `authorization { users: [{ nkey: ${user.getPublicKey()} }] }`);
    const nkeySeedFile = await file("user.nk", `${Buffer.from(nkeys.createUser().getSeed()).toString()}\n`);
    await using nats = await startNats(["--config", config]);
    const broker = await open({ servers: nats.url, nkeySeedFile });
    assert.equal(broker.status?.().ready, false);
    const there = new Promise<void>((resolve) => void broker.onGap?.(resolve));
    await file("user.nk", Buffer.from(user.getSeed()).toString());
    await there;
    assert.equal(broker.status?.().ready, true);
  });

  it(
    "over TLS, with a certificate that it knows, and not with one that it does not",
    { skip: opensslMissing() },
    async () => {
      const { cert, key } = makeCertificate(folder);
      await using nats = await startNats(["--tls", "--tlscert", cert, "--tlskey", key]);
      await pair({ servers: `tls://127.0.0.1:${nats.port}`, tls: { caFile: cert } });
      const stranger = await open({ servers: `tls://127.0.0.1:${nats.port}` });
      assert.match(stranger.status?.().detail ?? "", /self-signed certificate/);
    },
  );

  it("apart from other apps on the same NATS, by the prefix", async () => {
    await using nats = await startNats();
    await pair({ servers: nats.url, prefix: "one" });
    const other = await open({ servers: nats.url, prefix: "other" });
    await assert.rejects(other.request("claim", CLAIM, { timeoutMs: FOR_EVER_MS }), isUnavailable);
  });

  it("reports why no status message is consumed, and continues with everything else", async () => {
    await using nats = await startNats();
    const broker = natsBroker({ servers: nats.url, replicas: 3 });
    brokers.push(broker);
    const warned = Promise.withResolvers<void>();
    await broker.open({ log: { ...silentLog, warn: () => warned.resolve() }, clock: systemClock });
    broker.onStatus?.(async () => []);
    await warned.promise;
    const { ready, detail } = broker.status?.() ?? {};
    assert.equal(ready, true);
    assert.match(detail ?? "", /connected to .*; status messages of external processes are not consumed: .*replicas/);
    assert.equal(await broker.flush("nobody", "o1", FOR_EVER_MS), undefined);
  });

  it("rejects when the time is over, and with the reason of a signal", async () => {
    await using nats = await startNats();
    const [server, worker] = await Promise.all([open({ servers: nats.url }), open({ servers: nats.url })]);
    const never = Promise.withResolvers<never>();
    const asked = Promise.withResolvers<void>();
    const claim = (): Promise<never> => {
      asked.resolve();
      return never.promise;
    };
    server.serve(handlersWith({ claim }));
    await server.subscribed?.();
    await assert.rejects(worker.request("claim", CLAIM, { timeoutMs: 20 }), isUnavailable);
    const stopping = new AbortController();
    const reply = worker.request("claim", CLAIM, { timeoutMs: FOR_EVER_MS, signal: stopping.signal });
    stopping.abort(new Error("the worker stops"));
    await assert.rejects(reply, /the worker stops/);
    await assert.rejects(worker.request("claim", CLAIM, { signal: stopping.signal }), /the worker stops/);
    never.reject(new Error("over"));
  });

  describe("where a message holds 2 kB", () => {
    interface Fixture extends AsyncDisposable {
      readonly server: Broker;
      readonly worker: Broker;
      readonly connection: NatsConnection;
    }
    const start = async (): Promise<Fixture> => {
      const nats = await startNats(["--config", await file("small.conf", "max_payload: 2048")]);
      const [server, worker] = await Promise.all([open({ servers: nats.url }), open({ servers: nats.url })]);
      const connection = await connect({ servers: nats.url });
      const end = async (): Promise<void> => {
        await Promise.all([server.close(), worker.close(), connection.close()]);
        await nats[Symbol.asyncDispose]();
      };
      return { server, worker, connection, [Symbol.asyncDispose]: end };
    };
    const text = JSON.stringify("é".repeat(20_000));
    const RECORD = { operation: "o1", attempt: 1, step: "one", state: "done", undo: false, result: text } as const;

    it("carries requests and replies of any size", async () => {
      await using fixture = await start();
      const { server, worker } = fixture;
      server.serve(
        handlersWith({
          record: async ({ result }) => ({ result: result === text ? "ok" : "drop" }),
          end: async () => ({ result: "refused", code: text }),
        }),
      );
      await server.subscribed?.();
      const end = { operation: "o1", attempt: 1, outcome: "cancelled" } as const;
      for (let round = 0; round < 3; round++) {
        assert.deepEqual(await worker.request("record", RECORD, { timeoutMs: FOR_EVER_MS }), { result: "ok" });
        assert.deepEqual(await worker.request("end", end, { timeoutMs: FOR_EVER_MS }), {
          result: "refused",
          code: text,
        });
      }
    });

    it("splits notices, and leaves progress that is too large to the next heartbeat", async () => {
      await using fixture = await start();
      const { server, worker } = fixture;
      const notices = Array.from({ length: 500 }, (_, index) => ({
        type: "widget",
        id: `widget-${index}`,
        version: 1,
      }));
      const received: Notice[] = [];
      const all = Promise.withResolvers<void>();
      worker.onNotice((batch) => {
        received.push(...batch);
        if (received.length === notices.length) all.resolve();
      });
      const sequences: number[] = [];
      const small = Promise.withResolvers<void>();
      server.serve(
        handlersWith({
          progress({ sequence }) {
            sequences.push(sequence);
            if (sequence === 2) small.resolve();
          },
        }),
      );
      await Promise.all([server.subscribed?.(), worker.subscribed?.()]);
      server.announce(notices);
      await all.promise;
      assert.deepEqual(received, notices);
      worker.progress({ operation: "o1", attempt: 1, sequence: 1, details: text });
      worker.progress({ operation: "o1", attempt: 1, sequence: 2 });
      await small.promise;
      assert.deepEqual(sequences, [2]);
    });

    it("rejects a first part whose other parts do not exist", async () => {
      await using fixture = await start();
      const { server } = fixture;
      server.serve(handlersWith({ record: async () => ({ result: "ok" }) }));
      await server.subscribed?.();
      for (const [count, source] of [
        ["3", "nobody.there"],
        ["1", "nobody.there"],
        ["x", ""],
      ] as const) {
        const partHeaders = headers();
        partHeaders.set("Afoot-Parts", count);
        partHeaders.set("Afoot-Rest", source);
        const reply = await fixture.connection.request("afoot.worker.record", "{", {
          timeout: FOR_EVER_MS,
          headers: partHeaders,
        });
        assert.notEqual(reply.headers?.get("Nats-Service-Error-Code"), "");
      }
    });
  });
});
