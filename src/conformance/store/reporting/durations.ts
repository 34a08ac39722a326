import assert from "node:assert/strict";
import { type DurationSamples, MAX_SAMPLES } from "../../../core/ports/statistics.ts";
import { reportingOf } from "../fixture/changes.ts";
import type { StoreTests } from "../fixture/fixture.ts";

const samples = (milestone: string, ...values: (readonly [number, number])[]): DurationSamples => ({
  type: "widget",
  kind: "create",
  milestone,
  samples: values,
});

/** Tests of duration samples, from which the time remaining is learned. */
export const durationTests: StoreTests = {
  "adds samples to those of the same milestone": async ({ store }) => {
    assert.deepEqual(await reportingOf(store).durations(), []);
    await reportingOf(store).saveDurations([samples("", [0, 100]), samples("step boot", [40, 100])]);
    await reportingOf(store).saveDurations([
      { ...samples("", [0, 7]), kind: "update" },
      samples("", [0, 300], [0, 200]),
    ]);
    const kept = (await reportingOf(store).durations()).toSorted((a, b) =>
      a.kind + a.milestone < b.kind + b.milestone ? -1 : 1,
    );
    assert.deepEqual(kept, [
      samples("", [0, 100], [0, 300], [0, 200]),
      samples("step boot", [40, 100]),
      { ...samples("", [0, 7]), kind: "update" },
    ]);
  },

  "keeps the newest": async ({ store, reopen }) => {
    const values = Array.from({ length: MAX_SAMPLES + 50 }, (_, index) => [index, 1000] as const);
    await Promise.all(values.map((value) => reportingOf(store).saveDurations([samples("m", value)])));
    const again = await reopen();
    assert.deepEqual(await reportingOf(again).durations(), [samples("m", ...values.slice(-MAX_SAMPLES))]);
  },

  "takes nothing for nothing": async ({ store }) => {
    await reportingOf(store).saveDurations([]);
    assert.deepEqual(await reportingOf(store).durations(), []);
  },
};
