import assert from "node:assert/strict";
import { join } from "node:path";
import { it } from "node:test";
import { connectReporter } from "../../examples/engines/rabbitmq/reporter.ts";
import { type AfootProcess, startAfoot } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { send } from "../support/exchange.ts";
import { postgresMissing, startPostgres } from "../support/postgres.ts";
import { rabbitMissing, startRabbit } from "../support/rabbitmq.ts";
import { messagesIn, settled } from "./fixture.ts";

const app = join(import.meta.dirname, "../nats/app.ts");
const configuration = { ram: "16GB" };
const DONE = { details: { address: "192.168.1.10" } };
const missing = rabbitMissing() === false ? await postgresMissing() : rabbitMissing();

it("loses none and repeats none while RabbitMQ, a server and the database are killed", { skip: missing }, async () => {
  await using stack = new AsyncDisposableStack();
  const [rabbit, postgres] = await Promise.all([startRabbit(), startPostgres()]);
  stack.use(rabbit);
  stack.defer(() => postgres.remove());
  const flags = ["--role", "server", "--store", `${postgres.url}?schema=${postgres.schema()}`];
  const environment = { AFOOT_INLET: `${rabbit.url}?queue=fleet&prefetch=20` };
  const start = (): Promise<AfootProcess> => startAfoot({ app, environment, flags });
  await using other = await start();
  let server = await start();
  stack.defer(() => server[Symbol.asyncDispose]());
  const locations: string[] = [];
  for (let count = 0; count < 60; count++) {
    const { headers } = await send(`${other.origin}/api/machines`, "POST", { configuration });
    locations.push(headers.get("Location") ?? "");
  }
  await using reporter = await connectReporter(rabbit.url, "/hypervisor/7", "fleet");
  let posted = 0;
  const reached = (count: number): Promise<unknown> => eventually(`${count} posted`, () => posted >= count);
  const posting = [0, 1, 2, 3].map(async (part) => {
    for (const location of locations.filter((_, index) => index % 4 === part)) {
      const subject = location.replace("/api/machines", "machine");
      for (const progress of [0.25, 0.5, 0.75]) await reporter.report(subject, "progress", { progress });
      await reporter.report(subject, "succeeded", DONE);
      posted += 1;
    }
  });
  await reached(10);
  await rabbit.kill();
  await rabbit.start();
  await reached(30);
  await server.kill();
  await reached(40);
  server = await start();
  await postgres.end("crash");
  await reached(50);
  await postgres.start();
  await Promise.all(posting);
  const explain = async (error: unknown): Promise<never> => {
    const waiting = await messagesIn(rabbit.url, "fleet");
    const logs = [other, server].map((each) => each.log().split("\n").slice(-30).join("\n"));
    return assert.fail([String(error), `${waiting} messages wait in the queue`, ...logs].join("\n\n"));
  };
  for (const location of locations) {
    const { body } = await settled(other.origin + location).catch(explain);
    assert.equal(body["status"], "Ready");
    const history = JSON.stringify((await send(`${other.origin}${location}/history`, "GET")).body);
    assert.equal(history.split('"event":"succeeded"').length, 2);
  }
  assert.equal(await messagesIn(rabbit.url, "fleet"), 0);
  for (const each of [server, other]) {
    assert.equal(await each.stop(), 0);
    assert.doesNotMatch(each.log(), /can never be applied/, "a redelivered message is no poison");
  }
});
