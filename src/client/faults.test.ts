import assert from "node:assert/strict";
import { test } from "node:test";
import {
  collect,
  inOrder,
  inProgress,
  instants,
  PATH,
  progress,
  READY,
  rejection,
  fixture,
  type Fixture,
} from "../../test/client/fixture.ts";
import { type Reply, type Script, ScriptedServer } from "../../test/client/scripted-server.ts";
import { JumpingClock } from "../../test/support/stepped-clock.ts";
import {
  follow,
  GoneError,
  ProblemError,
  TimeLimitError,
  UnreachableError,
  type Retry,
  type Snapshot,
} from "./index.ts";

test("survives lost connections, truncated replies, silence, 429 and 5xx", async () => {
  const retries: Retry[] = [];
  const script = inOrder(
    { fault: "reset" },
    inProgress("0%"),
    { fault: "reset" },
    { ...inProgress("20%"), fault: "midway" },
    { fault: "silent" },
    { status: 429, headers: { "retry-after": "90" }, body: { status: 429, code: "too-many-requests" } },
    { status: 500, body: "oops", headers: { "content-type": "text/plain" } },
    { status: 503, headers: { "retry-after": "3" } },
    READY,
  );
  const run = async ({ server, following }: Fixture): Promise<void> => {
    assert.deepEqual(progress(await collect(following)), [0, undefined]);
    // Backoff starts at 250 ms where random is 0, doubles with each try, and restarts after a reply. A silent server
    // costs the long-poll wait and the response timeout.
    assert.deepEqual(instants(server), [0, 250, 5250, 5500, 6000, 67_000, 157_000, 161_000, 164_000]);
  };
  await fixture(script, run, { onRetry: (retry) => retries.push(retry) });
  assert.deepEqual(
    retries.map(({ error, retryInMs }) => [error.code, retryInMs]),
    [
      ["unreachable", 250],
      ["unreachable", 250],
      ["unreachable", 500],
      ["unreachable", 1000],
      ["too-many-requests", 90_000],
      ["http-500", 4000],
      ["http-503", 3000],
    ],
  );
});

test("does not give up while it has time", async () => {
  const script: Script = (_, count) => (count > 500 ? READY : { fault: "reset" });
  await fixture(script, async ({ server, following }) => {
    await following.settled();
    const at = instants(server);
    assert.equal((at.at(-1) ?? 0) - (at.at(-2) ?? 0), 15_000);
  });
});

test("a deleted resource ends the following", async () => {
  const deleted: Reply = {
    status: 404,
    headers: { "content-type": "application/problem+json" },
    body: {
      type: "urn:x",
      title: "Resource deleted",
      status: 404,
      detail: "It was deleted.",
      code: "resource-deleted",
    },
  };
  await fixture(inOrder(inProgress("0%"), deleted), async ({ server, following }) => {
    const error = await rejection(collect(following));
    assert.ok(error instanceof GoneError);
    assert.deepEqual(
      { name: error.name, code: error.code, status: error.status },
      { name: "GoneError", code: "resource-deleted", status: 404 },
    );
    assert.match(error.message, /GET http:.*67890: 404 It was deleted\./);
    // A second call sends a request; it does not reply from memory.
    assert.ok((await rejection(following.settled())) instanceof GoneError);
    assert.equal(server.requests.length, 3);
  });
  await fixture(inOrder(inProgress("0%"), deleted), async ({ server, following }) => {
    await rejection(collect(following));
    const seen: Snapshot[] = [];
    await rejection(
      (async () => {
        for await (const state of following) seen.push(state);
      })(),
    );
    assert.deepEqual(
      { seenCount: seen.length, requestsCount: server.requests.length },
      { seenCount: 0, requestsCount: 3 },
    );
  });
  await fixture(inOrder({ status: 410 }), async ({ following }) => {
    const error = await rejection(following.settled());
    assert.ok(error instanceof GoneError);
    assert.equal(error.code, "resource-deleted");
  });
});

test("any other rejection is a typed error at once, in any shape", async () => {
  const errors = [{ pointer: "/configuration/ram", detail: "expected text" }];
  const refusals: readonly (readonly [Reply, code: string, message: RegExp])[] = [
    [{ status: 403, body: { code: "forbidden", detail: "Not yours." } }, "forbidden", /403 Not yours\./],
    [
      { status: 422, body: { code: "validation", title: "Validation failed", errors } },
      "validation",
      /Validation failed/,
    ],
    [
      { status: 400, body: { error: { code: "BadRequest", message: "No such version" } } },
      "BadRequest",
      /No such version/,
    ],
    [{ status: 401 }, "http-401", /no reason given/],
    [{ status: 501 }, "http-501", /501/],
    [{ body: "<h1>Hello</h1>", headers: { "content-type": "text/html" } }, "not-json", /text\/html.*is the URL right/],
  ];
  for (const [reply, code, message] of refusals) {
    await fixture(inOrder(reply), async ({ server, following }) => {
      const error = await rejection(following.settled());
      assert.ok(error instanceof ProblemError && !(error instanceof GoneError), code);
      assert.equal(error.code, code);
      assert.match(error.message, message);
      assert.equal(error.status, reply.status ?? 200);
      if (code === "validation") assert.deepEqual(error.problem.errors, errors);
      assert.equal(server.requests.length, 1);
    });
  }
});

test("a time limit distinguishes a resource in progress from an unreachable server", async () => {
  const run = async ({ following, server }: Fixture): Promise<void> => {
    const error = await rejection(following.settled());
    assert.ok(error instanceof TimeLimitError);
    assert.deepEqual({ code: error.code, url: error.url }, { code: "time-limit", url: server.origin + PATH });
    assert.deepEqual(instants(server), [0, 5000, 10_000]);
  };
  await fixture(inOrder(inProgress("0%")), run, { timeoutMs: 12_000 });

  const back = async ({ following }: Fixture): Promise<void> => {
    assert.ok((await rejection(following.settled())) instanceof TimeLimitError);
  };
  await fixture(inOrder({ fault: "reset" }, inProgress("0%")), back, { timeoutMs: 12_000 });

  const lost = async ({ following, clock }: Fixture): Promise<void> => {
    const error = await rejection(collect(following));
    assert.ok(error instanceof UnreachableError);
    assert.ok(error.cause instanceof UnreachableError);
    assert.equal(clock.monotonic(), 12_000);
  };
  await fixture(inOrder(inProgress("0%"), { fault: "reset" }), lost, { timeoutMs: 12_000 });
});

test("an unreachable server is an error after the time limit, with the reason", async () => {
  const clock = new JumpingClock();
  const server = await ScriptedServer.start(clock, () => READY);
  const { origin } = server;
  await server[Symbol.asyncDispose]();
  const error = await rejection(follow(origin + PATH, { clock, fetch: server.fetch, timeoutMs: 10_000 }).settled());
  assert.ok(error instanceof UnreachableError);
  assert.match(error.message, /ECONNREFUSED/);
  assert.deepEqual(clock.pending, []);
});

test("an abort ends the following with its reason at any point", async () => {
  const reason = new Error("enough");
  const scripts: Record<string, Script> = {
    "in a pause": inOrder(inProgress("0%")),
    "in a long poll": inOrder(inProgress("0%", { "preference-applied": "wait" }), { ...READY, afterMs: 25_000 }),
    "between two tries": inOrder(inProgress("0%"), { status: 503, headers: { "retry-after": "100" } }),
  };
  for (const [point, script] of Object.entries(scripts)) {
    const ending = new AbortController();
    const run = async ({ clock, following }: Fixture): Promise<void> => {
      clock.after(7000, () => {
        ending.abort(reason);
      });
      assert.equal(await rejection(following.settled()), reason, point);
      assert.equal(clock.monotonic(), 7000);
    };
    await fixture(script, run, { signal: ending.signal });
  }
  const before = async ({ server, following }: Fixture): Promise<void> => {
    assert.equal(await rejection(collect(following)), reason);
    assert.equal(server.requests.length, 0);
  };
  await fixture(inOrder(READY), before, { signal: AbortSignal.abort(reason) });
});
