import assert from "node:assert/strict";
import { test } from "node:test";
import {
  collect,
  inOrder,
  inProgress,
  instants,
  progress,
  READY,
  fixture,
  type Fixture,
} from "../../../test/client/fixture.ts";
import { type Reply, type Script, ScriptedServer } from "../../../test/client/scripted-server.ts";
import { JumpingClock } from "../../../test/support/stepped-clock.ts";
import { byStatus, follow } from "../index.ts";

test("adds jitter to Retry-After and never shortens it", async () => {
  await fixture(inOrder(inProgress("0%"), READY), async ({ clock, server, following }) => {
    clock.chance = 0.5;
    await following.settled();
    assert.deepEqual(instants(server), [0, 5250]);
  });
});

test("reads a date in Retry-After by the server's own clock", async () => {
  const headers = { date: "Thu, 01 Jan 2015 00:00:00 GMT", "retry-after": "Thu, 01 Jan 2015 00:00:40 GMT" };
  await fixture(inOrder(inProgress("0%", headers), READY), async ({ server, following }) => {
    await following.settled();
    assert.deepEqual(instants(server), [0, 40_000]);
  });
});

test("polls with If-None-Match, and notifies of nothing twice", async () => {
  const unchanged: Reply = { status: 304, headers: { etag: '"1-0%"', "retry-after": "7" } };
  await fixture(inOrder(inProgress("0%"), unchanged, inProgress("0%"), READY), async ({ server, following }) => {
    assert.deepEqual(progress(await collect(following)), [0, undefined]);
    assert.deepEqual(
      server.requests.map(({ headers }) => headers["if-none-match"]),
      [undefined, '"1-0%"', '"1-0%"', '"1-0%"'],
    );
    assert.deepEqual(instants(server), [0, 5000, 12_000, 17_000]);
  });
});

test("a server with long polling is polled again at once, and every change is shown", async () => {
  const longPolling = { "preference-applied": "wait" };
  const script = inOrder(
    inProgress("0%", longPolling),
    { ...inProgress("10%", longPolling), afterMs: 12_000 },
    { status: 304, headers: { "retry-after": "5", ...longPolling }, afterMs: 30_000 },
    { ...READY, afterMs: 4000 },
  );
  await fixture(script, async ({ server, following }) => {
    assert.deepEqual(progress(await collect(following)), [0, 0.1, undefined]);
    assert.deepEqual(instants(server), [0, 250, 12_250, 42_250]);
    assert.deepEqual(
      server.requests.map(({ headers }) => headers["prefer"]),
      ["wait=0", "wait=30", "wait=30", "wait=30"],
    );
  });
});

test("settled() leaves one long poll open until the end", async () => {
  const longPolling = { "preference-applied": "respond-async, wait=30" };
  const script = inOrder({ ...inProgress("0%", longPolling), afterMs: 30_000 }, { ...READY, afterMs: 9000 });
  await fixture(script, async ({ server, following }) => {
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

test("a server that announces long polling but replies at once is polled by Retry-After", async () => {
  const longPolling = { "preference-applied": "wait" };
  const unchanged: Reply = { status: 304, headers: { "retry-after": "5", ...longPolling } };
  await fixture(
    inOrder(inProgress("0%", longPolling), unchanged, unchanged, unchanged, READY),
    async ({ server, following }) => {
      await collect(following);
      assert.deepEqual(instants(server), [0, 250, 5250, 10_250, 15_250]);
    },
  );
});

test("rapid changes are polled four times a second at most", async () => {
  const script: Script = (_, count) => (count > 50 ? READY : inProgress(`${count}%`, { "preference-applied": "wait" }));
  await fixture(script, async ({ server, following }) => {
    assert.equal((await collect(following)).length, 51);
    assert.deepEqual(
      instants(server),
      Array.from({ length: 51 }, (_, index) => index * 250),
    );
  });
});

/** Values that ask for no pause, or for none that makes sense. */
const IMPLAUSIBLE = [
  "0",
  "0.25",
  "-5",
  "NaN",
  "soon",
  "",
  "5, 5",
  "Infinity",
  "99999999999",
  "1e12",
  "Thu, 01 Jan 1970 00:00:00 GMT",
  "Mon, 01 Jan 2300 00:00:00 GMT",
];

test("an implausible Retry-After counts as none: the interval grows while nothing changes", async () => {
  for (const value of IMPLAUSIBLE) {
    for (const date of [undefined, "Thu, 01 Jan 2015 00:00:00 GMT", "never"]) {
      const busy = inProgress("0%", { "retry-after": value, ...(date === undefined ? {} : { date }) });
      const script = inOrder(busy, busy, busy, busy, READY);
      await fixture(script, async ({ server, following }) => {
        await following.settled();
        assert.deepEqual(instants(server), [0, 1000, 2500, 4750, 8125], `${value}, ${date}`);
      });
    }
  }
});

test("an implausible Retry-After of an error counts as none: the pauses between retries grow", async () => {
  for (const value of IMPLAUSIBLE) {
    const failed: Reply = { status: 503, headers: { "retry-after": value } };
    await fixture(inOrder(failed, failed, failed, READY), async ({ server, following }) => {
      await following.settled();
      assert.deepEqual(instants(server), [0, 250, 750, 1750], value);
    });
  }
});

test("a date in Retry-After from a server without a clock of its own delays by a minute at most", async () => {
  const clock = new JumpingClock();
  const at = new Date(clock.now() + 3_600_000).toUTCString();
  const script = inOrder(inProgress("0%", { "retry-after": at, date: "unknown" }), READY);
  await fixture(script, async ({ server, following }) => {
    await following.settled();
    assert.deepEqual(instants(server), [0, 60_000]);
  });
});

test("without Retry-After the interval grows while nothing changes", async () => {
  const running: Reply = { body: { status: "Running" } };
  const script = inOrder(running, running, running, { body: { status: "Stopping" } }, running, {
    body: { status: "Done" },
  });
  const read = byStatus({ succeeded: ["Done"] });
  const settle: (run: Fixture) => Promise<void> = async ({ server, following }) => {
    await following.settled();
    assert.deepEqual(instants(server), [0, 1000, 2500, 4750, 5750, 6750]);
  };
  await fixture(script, settle, { read });
  const long: Script = (_, count) => (count > 40 ? { body: { status: "Done" } } : running);
  const capped: (run: Fixture) => Promise<void> = async ({ server, following }) => {
    await following.settled();
    const at = instants(server);
    assert.equal((at.at(-1) ?? 0) - (at.at(-2) ?? 0), 15_000);
  };
  await fixture(long, capped, { read });
});

test("a server that no longer keeps requests waiting is polled by Retry-After", async () => {
  const longPolling = { "preference-applied": "wait=30" };
  const script = inOrder(
    { ...inProgress("0%", longPolling), afterMs: 3000 },
    inProgress("10%"),
    inProgress("20%"),
    { ...inProgress("30%", longPolling), afterMs: 3000 },
    READY,
  );
  await fixture(script, async ({ server, following }) => {
    await collect(following);
    assert.deepEqual(instants(server), [0, 3000, 8000, 13_000, 16_000]);
  });
});

test("no more long polls are open at once than the page has connections for", async () => {
  const longPolling = { "preference-applied": "wait" };
  const script: Script = ({ headers, path }, count) => {
    const last = path.endsWith("?last") && count > 6;
    if (headers["prefer"] === "wait=30") return { ...READY, afterMs: last ? 100 : 28_000 };
    return inProgress(`${count}%`, longPolling);
  };
  const clock = new JumpingClock();
  {
    await using server = await ScriptedServer.start(clock, script);
    const options = { clock, fetch: server.fetch, maxLongPolls: 2 };
    const paths = ["?1", "?2", "?last"];
    await Promise.all(paths.map(async (path) => collect(follow(server.origin + path, options))));
    const pollsOf = (name: string): unknown[] =>
      server.requests.filter(({ path }) => path.endsWith(name)).map(({ at, headers }) => [at, headers["prefer"]]);
    assert.deepEqual(pollsOf("?1"), [
      [0, "wait=0"],
      [250, "wait=30"],
    ]);
    assert.deepEqual(pollsOf("?2"), [
      [0, "wait=0"],
      [250, "wait=30"],
    ]);
    // Polled by Retry-After, until a long poll is free.
    assert.deepEqual(pollsOf("?last").slice(0, 3), [
      [0, "wait=0"],
      [250, "wait=0"],
      [5250, "wait=0"],
    ]);
    assert.deepEqual(pollsOf("?last").at(-1), [30_250, "wait=30"]);
  }
  assert.deepEqual(clock.pending, []);
});

test("a reply that differs only in the format of numbers or the order of fields is no change", async () => {
  const texts = [
    '{"id":"1","status":2,"progress":0.5,"size":{"gb":1,"of":[10,-0]}}',
    '{"size":{"of":[1e1,0],"gb":1.0},"progress":0.50,"status":2.0,"id":"1"}',
    '{ "id": "1", "progress": 5e-1, "status": 20e-1, "size": {"gb": 1.00, "of": [10.0, 0.0]} }',
  ];
  const script: Script = (_, count) => ({ body: count > 6 ? '{"status":3.0}' : (texts[(count - 1) % 3] ?? "") });
  const read = byStatus({ succeeded: ["3"] });
  await fixture(
    script,
    async ({ server, following }) => {
      const seen = await collect(following);
      assert.deepEqual(
        seen.map(({ status }) => status),
        ["2", "3"],
      );
      assert.deepEqual(instants(server), [0, 1000, 2500, 4750, 8125, 13_187.5, 20_781.25]);
    },
    { read },
  );
});

test("a change of one value, of its type or of a list's order is a change", async () => {
  const texts = ['{"a":1}', '{"a":"1"}', '{"a":[1,2]}', '{"a":[2,1]}', '{"a":null}', "{}", '{"b":null}', '{"a":{}}'];
  const script: Script = (_, count) => ({ body: texts[count - 1] ?? '{"status":"done"}' });
  await fixture(
    script,
    async ({ following }) => {
      const seen = await collect(following);
      assert.deepEqual(
        seen.map(({ representation }) => JSON.stringify(representation)),
        [...texts, '{"status":"done"}'],
      );
    },
    { read: byStatus({ succeeded: ["done"] }) },
  );
});
