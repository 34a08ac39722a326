import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Fixture } from "../../../test/worker/fixture.ts";
import { machine, type MachineWork } from "../../../test/worker/machine.ts";

const DAY_MS = 86_400_000;
// The virtual clock fires each renewal of a lease, so long waits take real time.
const MINUTE_MS = 60_000;

suite("a wait beyond the deadline of its operation", () => {
  const days = 30 * DAY_MS;
  const cases: readonly (readonly [what: string, work: MachineWork, warning: string])[] = [
    ["sleep", ({ sleep }) => sleep("rest", days).then(() => ({})), 'sleep "rest" of 2592000000 ms'],
    [
      "receive",
      ({ receive }) => receive("approval", { timeoutMs: days }).then(() => ({})),
      'receive "approval" with a timeoutMs of 2592000000 ms',
    ],
    [
      "until with a time limit",
      ({ until }) => until("done", () => false, { timeoutMs: days }).then(() => ({})),
      'until "done" with a timeoutMs of 2592000000 ms',
    ],
    [
      "until with long pauses",
      ({ until }) => until("done", () => false, { everyMs: days }).then(() => ({})),
      'until "done" with an everyMs of 2592000000 ms',
    ],
  ];
  for (const [what, work, warning] of cases) {
    test(`is logged at once, with both durations: ${what}`, async () => {
      const type = machine(work, { create: { deadlineMs: 10 * DAY_MS } });
      await using fixture = await Fixture.open({ types: [type] });
      await fixture.startWorker();
      const id = await fixture.create(type);
      await fixture.state(type, id, "waiting");
      const warnings = fixture.logged.filter(({ level }) => level === "warn").map(({ message }) => message);
      assert.equal(warnings.length, 1);
      assert.ok(
        warnings[0]?.startsWith(`${warning} ends after the deadline of the operation, which fails in 86`) === true,
        warnings[0],
      );
      assert.ok(warnings[0].endsWith("raise deadlineMs (864000000) of machine: create"), warnings[0]);
    });
  }

  test("is judged by what is left of it, and logged once", async () => {
    const type = machine(
      async ({ sleep, receive }) => {
        await sleep("first", 6 * MINUTE_MS);
        await receive("approval", { timeoutMs: 6 * MINUTE_MS });
        return {};
      },
      { create: { deadlineMs: 10 * MINUTE_MS } },
    );
    await using fixture = await Fixture.open({ types: [type] });
    await fixture.startWorker();
    const id = await fixture.create(type);
    await fixture.state(type, id, "waiting");
    assert.deepEqual(
      fixture.logged.filter(({ level }) => level === "warn"),
      [],
    );
    await fixture.answered();
    fixture.clock.advance(6 * MINUTE_MS);
    await fixture.recorded(type, id, "approval", "started");
    await fixture.state(type, id, "waiting");
    await fixture.receive(type, id, "hint", "");
    await fixture.ticks();
    const warnings = fixture.logged.filter(({ level }) => level === "warn").map(({ message }) => message);
    assert.equal(warnings.length, 1, warnings.join("\n"));
    assert.match(warnings[0] ?? "", /^receive "approval" with a timeoutMs of 360000 ms .* fails in 2[34]\d{4} ms/);
  });
});
