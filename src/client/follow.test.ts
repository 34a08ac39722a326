import assert from "node:assert/strict";
import { test } from "node:test";
import { type Reply, type Script, ScriptedServer } from "../../test/client/scripted-server.ts";
import { TestClock } from "../../test/client/test-clock.ts";
import {
  azure,
  byStatus,
  CancelledError,
  follow,
  type FollowOptions,
  type Following,
  GoneError,
  google,
  ProblemError,
  ResourceFailedError,
  type Retry,
  type Snapshot,
  TimeLimitError,
  UnreachableError,
} from "./index.ts";

const PATH = "/api/virtual-machines/67890";

/** A representation in progress, as servers of this pattern show it. */
function inProgress(progress: string, headers: Record<string, string> = {}): Reply {
  return {
    headers: { "retry-after": "5", etag: `"1-${progress}"`, ...headers },
    body: { id: "67890", status: "Provisioning", progress },
  };
}

const READY: Reply = { headers: { etag: '"2-a"' }, body: { id: "67890", status: "Ready", IPAddress: "192.168.1.10" } };

interface Scene {
  readonly clock: TestClock;
  readonly server: ScriptedServer;
  readonly following: Following<unknown>;
}

async function scene(script: Script, run: (scene: Scene) => Promise<void>, options: FollowOptions = {}): Promise<void> {
  const clock = new TestClock();
  {
    await using server = await ScriptedServer.start(clock, script);
    await run({ clock, server, following: follow(server.origin + PATH, { clock, fetch: server.fetch, ...options }) });
  }
  assert.deepEqual(clock.pending, [], "a timer is left behind");
}

/** Answers in order, the last one for ever. */
function inOrder(...replies: readonly [Reply, ...Reply[]]): Script {
  return (_, count) => replies[Math.min(count, replies.length) - 1] ?? replies[0];
}

async function collect(following: AsyncIterable<Snapshot>): Promise<Snapshot[]> {
  const seen: Snapshot[] = [];
  for await (const state of following) seen.push(state);
  return seen;
}

/** What a promise rejects with. */
async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => assert.fail(`resolved to ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
}

const instants = (server: ScriptedServer): number[] => server.requests.map(({ at }) => at);
const progress = (seen: readonly Snapshot[]): unknown[] => seen.map((state) => state.progress);

test("gives every state up to the settled one, and waits as long as Retry-After says", async () => {
  await scene(inOrder(inProgress("0%"), inProgress("50%"), READY), async ({ server, following }) => {
    const seen = await collect(following);
    assert.deepEqual(
      seen.map((state) => [state.settled, state.succeeded, state.status, state.progress]),
      [
        [false, false, "Provisioning", 0],
        [false, false, "Provisioning", 0.5],
        [true, true, "Ready", undefined],
      ],
    );
    assert.deepEqual(seen.at(-1)?.representation, READY.body);
    assert.deepEqual(instants(server), [0, 5000, 10_000]);
    assert.equal(following.state, seen.at(-1));
  });
});

test("adds jitter to Retry-After and never takes any away", async () => {
  await scene(inOrder(inProgress("0%"), READY), async ({ clock, server, following }) => {
    clock.chance = 0.5;
    await following.settled();
    assert.deepEqual(instants(server), [0, 5250]);
  });
});

test("reads a date in Retry-After by the server's own clock", async () => {
  const headers = { date: "Thu, 01 Jan 2015 00:00:00 GMT", "retry-after": "Thu, 01 Jan 2015 00:00:40 GMT" };
  await scene(inOrder(inProgress("0%", headers), READY), async ({ server, following }) => {
    await following.settled();
    assert.deepEqual(instants(server), [0, 40_000]);
  });
});

test("asks with If-None-Match, and tells nothing twice", async () => {
  const unchanged: Reply = { status: 304, headers: { etag: '"1-0%"', "retry-after": "7" } };
  await scene(inOrder(inProgress("0%"), unchanged, inProgress("0%"), READY), async ({ server, following }) => {
    assert.deepEqual(progress(await collect(following)), [0, undefined]);
    assert.deepEqual(
      server.requests.map(({ headers }) => headers["if-none-match"]),
      [undefined, '"1-0%"', '"1-0%"', '"1-0%"'],
    );
    assert.deepEqual(instants(server), [0, 5000, 12_000, 17_000]);
  });
});

test("tells a resource that is settled without another word in its body", async () => {
  const body = { id: "67890", status: "Moving" };
  await scene(inOrder({ headers: { "retry-after": "5" }, body }, { body }), async ({ following }) => {
    assert.deepEqual(
      (await collect(following)).map(({ settled }) => settled),
      [false, true],
    );
  });
});

test("a server that holds answers is asked again at once, and tells of every change", async () => {
  const held = { "preference-applied": "wait" };
  const script = inOrder(
    inProgress("0%", held),
    { ...inProgress("10%", held), afterMs: 12_000 },
    { status: 304, headers: { "retry-after": "5", ...held }, afterMs: 30_000 },
    { ...READY, afterMs: 4000 },
  );
  await scene(script, async ({ server, following }) => {
    assert.deepEqual(progress(await collect(following)), [0, 0.1, undefined]);
    assert.deepEqual(instants(server), [0, 250, 12_250, 42_250]);
    assert.deepEqual(
      server.requests.map(({ headers }) => headers["prefer"]),
      ["wait=0", "wait=30", "wait=30", "wait=30"],
    );
  });
});

test("who waits for the end alone leaves a holding server to say when it is there", async () => {
  const held = { "preference-applied": "respond-async, wait=30" };
  const script = inOrder({ ...inProgress("0%", held), afterMs: 30_000 }, { ...READY, afterMs: 9000 });
  await scene(script, async ({ server, following }) => {
    const { status } = await following.settled();
    assert.equal(status, "Ready");
    assert.deepEqual(instants(server), [0, 30_000]);
    assert.deepEqual(
      server.requests.map(({ headers }) => [headers["prefer"], headers["if-none-match"]]),
      [
        ["wait=30", undefined],
        ["wait=30", undefined],
      ],
    );
  });
});

test("a server that claims to hold answers and does not is polled by Retry-After", async () => {
  const held = { "preference-applied": "wait" };
  const unchanged: Reply = { status: 304, headers: { "retry-after": "5", ...held } };
  await scene(
    inOrder(inProgress("0%", held), unchanged, unchanged, unchanged, READY),
    async ({ server, following }) => {
      await collect(following);
      assert.deepEqual(instants(server), [0, 250, 5250, 10_250, 15_250]);
    },
  );
});

test("a flood of news is asked for four times a second at most", async () => {
  const script: Script = (_, count) => (count > 50 ? READY : inProgress(`${count}%`, { "preference-applied": "wait" }));
  await scene(script, async ({ server, following }) => {
    assert.equal((await collect(following)).length, 51);
    assert.deepEqual(
      instants(server),
      Array.from({ length: 51 }, (_, index) => index * 250),
    );
  });
});

test("Retry-After: 0 is no reason to hurry", async () => {
  await scene(inOrder(inProgress("0%", { "retry-after": "0" }), READY), async ({ server, following }) => {
    await following.settled();
    assert.deepEqual(instants(server), [0, 250]);
  });
});

test("without Retry-After the interval grows while nothing changes", async () => {
  const running: Reply = { body: { status: "Running" } };
  const script = inOrder(running, running, running, { body: { status: "Stopping" } }, running, {
    body: { status: "Done" },
  });
  const read = byStatus({ succeeded: ["Done"] });
  const settle: (run: Scene) => Promise<void> = async ({ server, following }) => {
    await following.settled();
    assert.deepEqual(instants(server), [0, 1000, 2500, 4750, 5750, 6750]);
  };
  await scene(script, settle, { read });
  const long: Script = (_, count) => (count > 40 ? { body: { status: "Done" } } : running);
  const capped: (run: Scene) => Promise<void> = async ({ server, following }) => {
    await following.settled();
    const at = instants(server);
    assert.equal((at.at(-1) ?? 0) - (at.at(-2) ?? 0), 15_000);
  };
  await scene(long, capped, { read });
});

test("survives lost connections, answers cut off, silence, 429 and 5xx", async () => {
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
  const run = async ({ server, following }: Scene): Promise<void> => {
    assert.deepEqual(progress(await collect(following)), [0, undefined]);
    // Backoff begins at 250 ms where random is 0, doubles with each try, and begins anew after an answer; silence lasts hold and patience.
    assert.deepEqual(instants(server), [0, 250, 5250, 5500, 6000, 67_000, 157_000, 161_000, 164_000]);
  };
  await scene(script, run, { onRetry: (retry) => retries.push(retry) });
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
  await scene(script, async ({ server, following }) => {
    await following.settled();
    const at = instants(server);
    assert.equal((at.at(-1) ?? 0) - (at.at(-2) ?? 0), 15_000);
  });
});

test("a resource that is no more ends it", async () => {
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
  await scene(inOrder(inProgress("0%"), deleted), async ({ server, following }) => {
    const error = await rejection(collect(following));
    assert.ok(error instanceof GoneError);
    assert.deepEqual([error.name, error.code, error.status], ["GoneError", "resource-deleted", 404]);
    assert.match(error.message, /GET http:.*67890: 404 It was deleted\./);
    // Asked again, it looks again, and does not answer from memory.
    assert.ok((await rejection(following.settled())) instanceof GoneError);
    assert.equal(server.requests.length, 3);
  });
  await scene(inOrder({ status: 410 }), async ({ following }) => {
    const error = await rejection(following.settled());
    assert.ok(error instanceof GoneError);
    assert.equal(error.code, "resource-deleted");
  });
});

test("any other refusal is a typed error at once, of whatever shape", async () => {
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
    [{ status: 401 }, "http-401", /gave no reason/],
    [{ status: 501 }, "http-501", /501/],
    [{ body: "<h1>Hello</h1>", headers: { "content-type": "text/html" } }, "not-json", /text\/html.*is the URL right/],
  ];
  for (const [reply, code, message] of refusals) {
    await scene(inOrder(reply), async ({ server, following }) => {
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

test("a time limit says whether the resource was still in progress or could not be reached", async () => {
  const run = async ({ following, server }: Scene): Promise<void> => {
    const error = await rejection(following.settled());
    assert.ok(error instanceof TimeLimitError);
    assert.deepEqual([error.code, error.url], ["time-limit", server.origin + PATH]);
    assert.deepEqual(instants(server), [0, 5000, 10_000]);
  };
  await scene(inOrder(inProgress("0%")), run, { timeoutMs: 12_000 });

  const lost = async ({ following, clock }: Scene): Promise<void> => {
    const error = await rejection(collect(following));
    assert.ok(error instanceof UnreachableError);
    assert.ok(error.cause instanceof UnreachableError);
    assert.equal(clock.monotonic(), 12_000);
  };
  await scene(inOrder(inProgress("0%"), { fault: "reset" }), lost, { timeoutMs: 12_000 });
});

test("a server that is not there is an error once the time is over, and says why", async () => {
  const clock = new TestClock();
  const server = await ScriptedServer.start(clock, () => READY);
  const { origin } = server;
  await server[Symbol.asyncDispose]();
  const error = await rejection(follow(origin + PATH, { clock, fetch: server.fetch, timeoutMs: 10_000 }).settled());
  assert.ok(error instanceof UnreachableError);
  assert.match(error.message, /ECONNREFUSED/);
  assert.deepEqual(clock.pending, []);
});

test("an abort ends the following with its reason, wherever it stands", async () => {
  const reason = new Error("enough");
  const places: Record<string, Script> = {
    "in a pause": inOrder(inProgress("0%")),
    "in a held request": inOrder(inProgress("0%", { "preference-applied": "wait" }), { ...READY, afterMs: 25_000 }),
    "between two tries": inOrder(inProgress("0%"), { status: 503, headers: { "retry-after": "100" } }),
  };
  for (const [place, script] of Object.entries(places)) {
    const ending = new AbortController();
    const run = async ({ clock, following }: Scene): Promise<void> => {
      clock.after(7000, () => {
        ending.abort(reason);
      });
      assert.equal(await rejection(following.settled()), reason, place);
      assert.equal(clock.monotonic(), 7000);
    };
    await scene(script, run, { signal: ending.signal });
  }
  const before = async ({ server, following }: Scene): Promise<void> => {
    assert.equal(await rejection(collect(following)), reason);
    assert.equal(server.requests.length, 0);
  };
  await scene(inOrder(READY), before, { signal: AbortSignal.abort(reason) });
});

test("settled() rejects with what went wrong", async () => {
  const error = {
    type: "urn:x",
    title: "Work failed",
    detail: "No capacity left.",
    code: "no-capacity",
    retryable: true,
  };
  await scene(inOrder({ body: { status: "Failed", error } }), async ({ following }) => {
    const failure = await rejection(following.settled());
    assert.ok(failure instanceof ResourceFailedError);
    assert.equal(failure.code, "no-capacity");
    assert.deepEqual(failure.error, {
      code: "no-capacity",
      title: "Work failed",
      detail: "No capacity left.",
      retryable: true,
    });
    assert.equal(failure.state, following.state);
    assert.match(failure.message, /failed: No capacity left\./);
  });
  await scene(
    inOrder({ body: { status: "Cancelled", error: { ...error, code: "cancelled" } } }),
    async ({ following }) => {
      const failure = await rejection(following.settled());
      assert.ok(failure instanceof CancelledError);
      assert.deepEqual([failure.code, failure.state.status], ["cancelled", "Cancelled"]);
    },
  );
});

test("all that follow one resource share one poll", async () => {
  await scene(inOrder(inProgress("0%"), inProgress("50%"), READY), async ({ server, following }) => {
    const [one, other, settled] = await Promise.all([collect(following), collect(following), following.settled()]);
    assert.deepEqual(progress(one), [0, 0.5, undefined]);
    assert.deepEqual(progress(other), progress(one));
    assert.equal(settled, one.at(-1));
    assert.deepEqual(instants(server), [0, 5000, 10_000]);
  });
});

test("one who wants every state is not left with what another waits for", async () => {
  const held = { "preference-applied": "wait" };
  const script: Script = ({ headers }, count) => {
    if (count === 1) return inProgress("0%", held);
    return headers["if-none-match"] === undefined ? { ...READY, afterMs: 29_000 } : { ...READY, afterMs: 5000 };
  };
  await scene(script, async ({ clock, server, following }) => {
    const settled = following.settled();
    await clock.sleep(2000);
    const [seen] = await Promise.all([collect(following), settled]);
    assert.deepEqual(progress(seen), [0, undefined]);
    assert.equal(clock.monotonic(), 7000);
    assert.equal(server.requests.length, 3);
  });
});

test("a slow reader is given the latest state, not every one in between", async () => {
  const script: Script = (_, count) => (count > 20 ? READY : inProgress(`${count}%`));
  await scene(script, async ({ clock, following }) => {
    const seen: Snapshot[] = [];
    for await (const state of following) {
      seen.push(state);
      await clock.sleep(31_000);
    }
    assert.deepEqual(progress(seen), [0.01, 0.07, 0.13, 0.19, undefined]);
  });
});

test("leaving the loop ends the polling, and coming back honours what the server asked for", async () => {
  await scene(inOrder(inProgress("0%"), inProgress("50%"), READY), async ({ clock, server, following }) => {
    for await (const state of following) {
      assert.equal(state.progress, 0);
      break;
    }
    await clock.sleep(2000);
    assert.equal(server.requests.length, 1);
    assert.deepEqual(progress(await collect(following)), [0, 0.5, undefined]);
    assert.deepEqual(instants(server), [0, 5000, 10_000]);
  });
});

test("headers are asked anew for each try, and an error in them is the caller's", async () => {
  let token = 0;
  const run = async ({ server, following }: Scene): Promise<void> => {
    await following.settled();
    assert.deepEqual(
      server.requests.map(({ headers }) => headers["authorization"]),
      ["Bearer 1", "Bearer 2", "Bearer 3"],
    );
  };
  const headers = async (): Promise<Record<string, string>> => ({ authorization: `Bearer ${++token}` });
  await scene(inOrder(inProgress("0%"), { fault: "reset" }, READY), run, { headers });

  const refused = new Error("no token");
  const failing = async ({ following }: Scene): Promise<void> => {
    assert.equal(await rejection(following.settled()), refused);
  };
  await scene(inOrder(READY), failing, { headers: async () => Promise.reject(refused) });
});

test("follows the resources of others", async () => {
  const azureStates = ["Accepted", "Updating", "Succeeded"].map((provisioningState) => ({
    body: { properties: { provisioningState } },
  }));
  const operation = (more: object): Reply => ({ body: { name: "operations/1", ...more } });
  const cases = [
    { read: azure, replies: azureStates, statuses: ["Accepted", "Updating", "Succeeded"] },
    {
      read: google,
      replies: [
        operation({ metadata: { state: "RUNNING", progressPercent: 30 } }),
        operation({ done: true, response: {} }),
      ],
      statuses: ["RUNNING", undefined],
    },
    {
      read: (body: unknown) => ({
        outcome: JSON.stringify(body) === "[2]" ? ("succeeded" as const) : undefined,
        status: String(body),
      }),
      replies: [{ body: [1] }, { body: [2] }],
      statuses: ["1", "2"],
    },
  ];
  for (const {
    read,
    replies: [first = READY, ...rest],
    statuses,
  } of cases) {
    const run = async ({ following }: Scene): Promise<void> => {
      assert.deepEqual(
        (await collect(following)).map(({ status }) => status),
        statuses,
      );
    };
    await scene(inOrder(first, ...rest), run, { read });
  }
});
