import assert from "node:assert/strict";
import { test } from "node:test";
import {
  collect,
  inOrder,
  inProgress,
  instants,
  progress,
  READY,
  rejection,
  fixture,
  type Fixture,
} from "../../../test/client/fixture.ts";
import type { Script } from "../../../test/client/scripted-server.ts";
import { CancelledError, ResourceFailedError, type Snapshot } from "../index.ts";

test("yields every state up to the settled one, and waits for Retry-After", async () => {
  await fixture(inOrder(inProgress("0%"), inProgress("50%"), READY), async ({ server, following }) => {
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

test("recognizes a settled resource by the missing Retry-After alone", async () => {
  const body = { id: "67890", status: "Moving" };
  await fixture(inOrder({ headers: { "retry-after": "5" }, body }, { body }), async ({ following }) => {
    assert.deepEqual(
      (await collect(following)).map(({ settled }) => settled),
      [false, true],
    );
  });
});

test("settled() rejects with the error of the operation", async () => {
  const error = {
    type: "urn:x",
    title: "Work failed",
    detail: "No capacity left.",
    code: "no-capacity",
    retryable: true,
  };
  await fixture(inOrder({ body: { status: "Failed", error } }), async ({ following }) => {
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
  await fixture(
    inOrder({ body: { status: "Cancelled", error: { ...error, code: "cancelled" } } }),
    async ({ following }) => {
      const failure = await rejection(following.settled());
      assert.ok(failure instanceof CancelledError);
      assert.deepEqual(
        { code: failure.code, status: failure.state.status },
        { code: "cancelled", status: "Cancelled" },
      );
    },
  );
});

test("all followers of one resource share one poll", async () => {
  await fixture(inOrder(inProgress("0%"), inProgress("50%"), READY), async ({ server, following }) => {
    const [one, other, settled] = await Promise.all([collect(following), collect(following), following.settled()]);
    assert.deepEqual(progress(one), [0, 0.5, undefined]);
    assert.deepEqual(progress(other), progress(one));
    assert.equal(settled, one.at(-1));
    assert.deepEqual(instants(server), [0, 5000, 10_000]);
  });
});

test("a listener for every state is not limited by one for the settled state", async () => {
  const longPolling = { "preference-applied": "wait" };
  const script: Script = ({ headers }, count) => {
    if (count === 1) return inProgress("0%", longPolling);
    return headers["if-none-match"] === undefined ? { ...READY, afterMs: 29_000 } : { ...READY, afterMs: 5000 };
  };
  await fixture(script, async ({ clock, server, following }) => {
    const settled = following.settled();
    await clock.sleep(2000);
    const [seen] = await Promise.all([collect(following), settled]);
    assert.deepEqual(progress(seen), [0, undefined]);
    assert.equal(clock.monotonic(), 7000);
    assert.equal(server.requests.length, 3);
  });
});

test("a slow reader gets the latest state, not every one in between", async () => {
  const script: Script = (_, count) => (count > 20 ? READY : inProgress(`${count}%`));
  await fixture(script, async ({ clock, following }) => {
    const seen: Snapshot[] = [];
    for await (const state of following) {
      seen.push(state);
      await clock.sleep(31_000);
    }
    assert.deepEqual(progress(seen), [0.01, 0.07, 0.13, 0.19, undefined]);
  });
});

test("leaving the loop ends the polling, and a new loop honours the Retry-After before it", async () => {
  await fixture(inOrder(inProgress("0%"), inProgress("50%"), READY), async ({ clock, server, following }) => {
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

test("headers are computed for each try, and their error reaches the caller", async () => {
  let token = 0;
  const run = async ({ server, following }: Fixture): Promise<void> => {
    await following.settled();
    assert.deepEqual(
      server.requests.map(({ headers }) => headers["authorization"]),
      ["Bearer 1", "Bearer 2", "Bearer 3"],
    );
  };
  const headers = async (): Promise<Record<string, string>> => ({ authorization: `Bearer ${++token}` });
  await fixture(inOrder(inProgress("0%"), { fault: "reset" }, READY), run, { headers });

  const refused = new Error("no token");
  const failing = async ({ following }: Fixture): Promise<void> => {
    assert.equal(await rejection(following.settled()), refused);
  };
  await fixture(inOrder(READY), failing, {
    headers: () => {
      throw refused;
    },
  });
});
