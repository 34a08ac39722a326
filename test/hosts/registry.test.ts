import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { describe, it } from "node:test";
import { pino } from "pino";
import { collectDefaultMetrics, Counter, Registry } from "prom-client";
import { MemoryContents } from "../../examples/memory-store/contents.ts";
import { memoryStore } from "../../examples/memory-store/memory-store.ts";
import { createApp } from "../../src/app/create-app.ts";
import { print } from "./print-app.ts";

const start = () => ({ store: memoryStore(new MemoryContents()) });

describe("the registry of an application", () => {
  it("shows the metrics of several apps from start to close, beside its own", async () => {
    const registry = new Registry();
    collectDefaultMetrics({ register: registry });
    new Counter({ name: "orders_total", help: "Orders.", registers: [registry] }).inc();
    const apps = ["one", "two"].map((name) => {
      const app = createApp({ resources: [print], basePath: `/${name}` });
      app.metrics({ registry, labels: { app: name } });
      return app;
    });
    const [one, two] = apps;
    assert.ok(one !== undefined && two !== undefined);
    assert.doesNotMatch(await registry.metrics(), /afoot_/);
    await Promise.all(apps.map((app) => app.start(start())));
    await (await one.prints.create({ title: "A" })).settled();
    const text = await registry.metrics();
    assert.match(text, /^orders_total 1$/m);
    assert.match(text, /^afoot_operation_duration_seconds_count\{app="one",afoot_type="print",.*\} 1$/m);
    assert.doesNotMatch(text, /^afoot_operation_duration_seconds_count\{app="two"/m);
    assert.match(text, /^afoot_requests_waiting\{app="two"\} 0$/m);
    assert.equal(text.match(/^# TYPE afoot_claims_total /gm)?.length, 1);
    assert.doesNotMatch(
      await two.metrics(),
      /afoot_operation_duration_seconds_count\{/,
      "its own text shows only its own",
    );

    await one.close();
    assert.doesNotMatch(await registry.metrics(), /app="one"/);
    await one.start(start());
    assert.match(await registry.metrics(), /^afoot_requests_waiting\{app="one"\} 0$/m);
    await Promise.all(apps.map((app) => app.close()));
    assert.doesNotMatch(await registry.metrics(), /afoot_/);
  });

  it("rejects the labels of another app, and a metric of the application with the same name", async () => {
    const registry = new Registry();
    const [one, two] = [createApp({ resources: [print] }), createApp({ resources: [print] })];
    one.metrics({ registry });
    two.metrics({ registry });
    await one.start(start());
    const again = two.start(start());
    await assert.rejects(again, { code: "invalid-definition", message: /labels: another app has the labels \{\}/ });
    assert.deepEqual(
      (await two.status()).map(({ ready }) => ready),
      [false],
      "it is closed",
    );
    await one.close();

    const own = new Counter({ name: "afoot_claims_total", help: "Own.", registers: [registry] });
    own.inc();
    await assert.rejects(one.start(start()), { message: /it has a metric afoot_claims_total of the application/ });
  });
});

describe("the logger of an application", () => {
  it("shows the error of a log line", async () => {
    const lines: string[] = [];
    const stream = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    });
    const app = createApp({
      resources: [print],
      authenticate: () => {
        throw new Error("the sessions are not readable");
      },
    });
    await app.start({ ...start(), logger: pino(stream) });
    const response = await app.fetch(new Request("http://print.test/api/prints"));
    await app.close();
    assert.equal(response.status, 500);
    const line = lines.find((each) => each.includes("request failed"));
    assert.match(line ?? "", /"err":\{"type":"Error","message":"the sessions are not readable","stack":/);
  });
});
