import assert from "node:assert/strict";
import { test } from "node:test";
import { SteppedClock } from "../../../test/support/stepped-clock.ts";
import { onAbort, pause } from "./pause.ts";

test("a pause ends after its time", async () => {
  const clock = new SteppedClock();
  let isOver = false;
  const paused = pause(clock, 100).then(() => (isOver = true));
  clock.advance(99);
  await Promise.resolve();
  assert.equal(isOver, false);
  clock.advance(1);
  await paused;
});

test("an abort ends a pause, and leaves neither a timer nor a listener", async () => {
  const timers = new Set<object>();
  const clock = {
    after: () => {
      const timer = {};
      timers.add(timer);
      return () => void timers.delete(timer);
    },
  };
  const controller = new AbortController();
  const paused = pause(clock, 100, controller.signal);
  assert.equal(timers.size, 1);
  controller.abort();
  await paused;
  await pause(clock, 100, controller.signal);
  assert.equal(timers.size, 0);
});

test("an abort is reported once with its reason, at once if it happened before, and not after the listener is removed", () => {
  const reasons: unknown[] = [];
  const note = (reason: unknown): void => void reasons.push(reason);
  const controller = new AbortController();
  onAbort(controller.signal, note)();
  onAbort(controller.signal, note);
  controller.abort("late");
  onAbort(controller.signal, note);
  onAbort(undefined, note)();
  assert.deepEqual(reasons, ["late", "late"]);
});
