import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { statusMessage } from "../external/fixture.ts";
import { type AfootProcess, startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { followed, send } from "../support/exchange.ts";
import { natsMissing, type NatsServer, startNats } from "../support/nats.ts";
import { type CollectedSpan, type Collector, startCollector } from "./collector.ts";

const app = join(import.meta.dirname, "app.ts");

interface Trace {
  readonly id: string;
  readonly traceparent: string;
  readonly client: string;
}

function newTrace(): Trace {
  const [id, client] = [randomBytes(16).toString("hex"), randomBytes(8).toString("hex")];
  return { id, client, traceparent: `00-${id}-${client}-01` };
}

/** Returns every span with its ancestors, outermost first, as `service: name`. */
function paths(spans: readonly CollectedSpan[], client: string): string[] {
  const byId = new Map(spans.map((span) => [span.id, span]));
  const path = (span: CollectedSpan): string => {
    const above = byId.get(span.parent);
    assert.ok(above !== undefined || span.parent === client, `${span.name} has a parent that was not exported`);
    return `${above === undefined ? "" : `${path(above)} > `}${span.service}: ${span.name}`;
  };
  return spans.map(path).toSorted();
}

describe("one trace shows the whole life of a resource, over NATS and two processes", { skip: natsMissing() }, () => {
  let nats: NatsServer;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let collector: Collector;
  let server: AfootProcess;
  let worker: AfootProcess;

  before(async () => {
    [nats, folder, collector] = await Promise.all([startNats(), temporaryFolder(), startCollector()]);
    const start = (role: "server" | "worker", flags: readonly string[]): Promise<AfootProcess> =>
      startAfoot({
        app,
        ...(role === "server" ? { folder: folder.path } : {}),
        flags: ["--role", role, "--broker", nats.url, ...flags],
        environment: collector.environment(role),
      });
    [server, worker] = await Promise.all([start("server", []), start("worker", [])]);
  });
  after(async () => {
    await Promise.all([server.stop(), worker.stop()]);
    await Promise.all([nats[Symbol.asyncDispose](), collector[Symbol.asyncDispose]()]);
    await folder[Symbol.asyncDispose]();
  });

  const create = async (path: string, configuration: object, { traceparent }: Trace): Promise<string> => {
    const { status, headers } = await send(`${server.origin}/api/${path}`, "POST", { configuration }, { traceparent });
    assert.equal(status, 202);
    return server.origin + (headers.get("Location") ?? "");
  };
  const isEnded = (name: string) => (spans: readonly CollectedSpan[]) =>
    spans.some((span) => span.name === name) &&
    named(spans, "attempt").length >= Math.max(3, named(spans, "claim").length);
  const named = (spans: readonly CollectedSpan[], what: string): readonly CollectedSpan[] =>
    spans.filter(({ name }) => name.startsWith(`${what} `));

  it("from the POST over a failed attempt and one that waits to the end", async () => {
    const trace = newTrace();
    const url = await create("orders", { item: "book" }, trace);
    await send(`${url}/approval`, "POST", { by: "Ada" });
    assert.equal((await followed(url)).at(-1)?.body["status"], "Sent");
    const spans = await collector.trace(trace.id, isEnded("order create"));
    const post = "server: POST /api/orders";
    const attempt = `${post} > server: claim order create > worker: attempt order create`;
    const claims = named(spans, "claim").length;
    const expected = [
      post,
      `${post} > server: order create`,
      ...Array.from({ length: claims }, () => `${post} > server: claim order create`),
      ...Array.from({ length: claims }, () => attempt),
      `${attempt} > worker: step reserve`,
      `${attempt} > worker: step pack`,
    ];
    assert.deepEqual(paths(spans, trace.client), expected.toSorted());
    const outcomes = named(spans, "attempt").map((span) => span.attributes["afoot.outcome"]);
    assert.ok(outcomes.includes("failed") && outcomes.includes("succeeded"), String(outcomes));
    const served = spans.find(({ kind }) => kind === 2);
    assert.deepEqual(
      ["http.request.method", "http.route", "http.response.status_code"].map((name) => served?.attributes[name]),
      ["POST", "/api/orders", "202"],
    );
  });

  it("with the steps that were undone", async () => {
    const trace = newTrace();
    const url = await create("orders", { item: "book", isSoldOut: true }, trace);
    await send(`${url}/approval`, "POST", { by: "Ada" });
    assert.equal((await followed(url)).at(-1)?.body["status"], "Failed");
    const spans = await collector.trace(trace.id, isEnded("order create"));
    const undone = spans.filter(({ name }) => name === "undo reserve");
    assert.deepEqual(
      undone.map(({ service, isError }) => [service, isError]),
      [["worker", false]],
    );
    const failed = spans.filter(({ isError }) => isError).map(({ name }) => name);
    assert.ok(
      ["step pack", "attempt order create", "order create"].every((name) => failed.includes(name)),
      String(failed),
    );
    paths(spans, trace.client);
  });

  it("with status messages of external processes, in any trace", async () => {
    const trace = newTrace();
    const url = await create("machines", { ram: "16GB" }, trace);
    const subject = `machine/${url.slice(url.lastIndexOf("/") + 1)}`;
    const other = newTrace();
    const post = async (kind: string, data: object, more: object): Promise<void> => {
      const { status } = await send(
        `${server.origin}/api/messages`,
        "POST",
        statusMessage(subject, kind, data, { ...more }),
      );
      assert.equal(status, 202);
    };
    await post("progress", { progress: 0.5 }, { traceparent: trace.traceparent });
    await post("succeeded", { details: { address: "192.168.1.10" } }, { traceparent: other.traceparent });
    const spans = await collector.trace(trace.id, (all) => all.length >= 4);
    const messages = spans.filter(({ name }) => name.startsWith("status message "));
    assert.deepEqual(
      messages.map(({ name, links }) => [name, links]).toSorted(([a], [b]) => String(a).localeCompare(String(b))),
      [
        ["status message dev.afoot.progress", []],
        ["status message dev.afoot.succeeded", [other.id]],
      ],
    );
    paths(spans, trace.client);
  });
});
