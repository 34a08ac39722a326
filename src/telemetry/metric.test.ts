import assert from "node:assert/strict";
import { test } from "node:test";
import { createMetrics } from "./metrics.ts";
import { prometheusText } from "./prometheus.ts";

async function linesOf(metrics: ReturnType<typeof createMetrics>, name: string): Promise<readonly string[]> {
  return (await prometheusText(metrics)).split("\n").filter((line) => line.startsWith(name));
}

test("a histogram counts into the bucket whose bound is not exceeded, and adds up", async () => {
  const metrics = createMetrics(undefined);
  const series = metrics.commitSizes.of({});
  for (const size of [1, 2, 3, 1000]) series.record(size);
  assert.deepEqual(await linesOf(metrics, "afoot_store_commit_size"), [
    ...["1", "2"].map((le, index) => `afoot_store_commit_size_bucket{le="${le}"} ${index + 1}`),
    ...["5", "10", "20", "50", "100", "200", "500"].map((le) => `afoot_store_commit_size_bucket{le="${le}"} 3`),
    'afoot_store_commit_size_bucket{le="+Inf"} 4',
    "afoot_store_commit_size_sum 1006",
    "afoot_store_commit_size_count 4",
  ]);
});

test("label sets beyond the maximum share one series", async () => {
  const metrics = createMetrics(undefined);
  for (let name = 0; name < 10_000; name++) metrics.shed.of({ "afoot.priority": name }).add();
  const lines = await linesOf(metrics, "afoot_requests_shed_total{");
  assert.ok(lines.length < 2500, `${lines.length} series`);
  const sum = lines.reduce((total, line) => total + Number(line.split(" ")[1]), 0);
  assert.equal(sum, 10_000);
});

test("a gauge that cannot be read is left out, and the others are shown", async () => {
  const metrics = createMetrics(undefined);
  metrics.gauge({ name: "broken", unit: "s", description: "Fails." }, () => Promise.reject(new Error("no store")));
  metrics.gauge({ name: "sound", unit: "s", description: 'Says "yes".' }, () => [[2, { "a.b": 'c"\n' }]]);
  assert.deepEqual(await linesOf(metrics, "broken"), []);
  assert.deepEqual(await linesOf(metrics, "sound"), [String.raw`sound_seconds{a_b="c\"\n"} 2`]);
});
