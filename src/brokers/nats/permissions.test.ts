import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { usersOfDocs } from "../../../test/support/nats-users.ts";
import { natsMissing, startNats } from "../../../test/support/nats.ts";
import { handlersWith } from "../../conformance/broker/fixture.ts";
import type { Log } from "../../core/ports/log.ts";
import { natsBroker } from "./index.ts";

it("needs no more permissions than the docs name", { skip: natsMissing() }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "afoot-test-"));
  const config = join(folder, "nats.conf");
  await writeFile(config, await usersOfDocs());
  await using nats = await startNats(["--config", config]);
  const refusals: string[] = [];
  const keep = (fields: object, message: string): void => void refusals.push(`${message} ${JSON.stringify(fields)}`);
  const log: Log = { debug() {}, info() {}, warn: keep, error: keep };
  const { systemClock: clock } = await import("../../core/scheduling/clock.ts");
  const [server, worker] = ["server", "worker"].map((user) =>
    natsBroker({ servers: nats.url, user, password: user, inboxPrefix: `_INBOX.${user}` }),
  );
  assert.ok(server !== undefined && worker !== undefined);
  await Promise.all([server.open({ log, clock }), worker.open({ log, clock })]);

  const large = "x".repeat(3_000_000);
  server.serve(
    handlersWith({ record: async () => ({ result: "ok" }), end: async () => ({ result: "refused", code: large }) }),
  );
  const [taken, noticed, woken] = [
    Promise.withResolvers<void>(),
    Promise.withResolvers<void>(),
    Promise.withResolvers<void>(),
  ];
  server.onStatus?.(async (messages) => {
    taken.resolve();
    return messages.map(() => ({ result: "applied" }));
  });
  worker.onNotice(() => noticed.resolve());
  worker.onWake(["machine"], woken.resolve);
  const progress = { operation: "o1", attempt: 1, sequence: 1 };
  worker.onFlush("w1", async () => progress);
  await Promise.all([server.subscribed?.(), worker.subscribed?.()]);

  const record = {
    operation: "o1",
    attempt: 1,
    step: "one",
    state: "done",
    undo: false,
    result: JSON.stringify(large),
  } as const;
  assert.deepEqual(await worker.request("record", record), { result: "ok" });
  assert.deepEqual(await worker.request("end", { operation: "o1", attempt: 1, outcome: "cancelled" }), {
    result: "refused",
    code: large,
  });
  assert.deepEqual(await server.flush("w1", "o1", 10_000), progress);
  server.announce([{ type: "machine", id: "1", version: 1 }]);
  server.wake(["machine"]);
  const outside = await connect({
    servers: nats.url,
    user: "external process",
    pass: "external process",
    inboxPrefix: "_INBOX.process",
  });
  const stream = jetstream(outside);
  await stream.publish("afoot.status.machine.1", "{}", { retries: 50 });
  await assert.rejects(stream.publish("afoot.status.order.1", "{}"), /permission/i);
  await Promise.all([taken.promise, noticed.promise, woken.promise]);
  await outside.close();
  await Promise.all([server.close(), worker.close()]);
  assert.deepEqual(refusals, []);
  await rm(folder, { recursive: true });
});
