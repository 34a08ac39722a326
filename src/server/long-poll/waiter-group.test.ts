import assert from "node:assert/strict";
import { it } from "node:test";
import { Row } from "../../../test/core/row.ts";
import type { Resource } from "../../core/resource.ts";
import { WaiterGroup, type WaitResult } from "./waiter-group.ts";

const KEY = { type: "machine", id: "1" };
const older = Row.running().resource;
const newer: Resource = { ...older, version: older.version + 1 };

/** A waiter for any version other than the one it has seen. */
function createWaiter(group: WaiterGroup, seen: Resource) {
  const checked: (Resource | undefined)[] = [];
  const results: WaitResult[] = [];
  const waiter = {
    isSatisfied: (resource: Resource | undefined) => checked.push(resource) > 0 && resource?.version !== seen.version,
    release: (result: WaitResult) => {
      group.waiters.delete(waiter);
      results.push(result);
    },
  };
  return { waiter, checked, results };
}

it("reads once for a new waiter, and once for all on a change", async () => {
  const group = new WaiterGroup(KEY);
  const [first, second] = [createWaiter(group, older), createWaiter(group, older)];
  let reads = 0;
  await group.add(first.waiter, () => older);
  await group.add(second.waiter, () => older);
  assert.deepEqual(
    { firstChecked: first.checked, secondChecked: second.checked },
    { firstChecked: [older], secondChecked: [older] },
  );
  await group.recheck(() => {
    reads++;
    return newer;
  });
  const satisfied = [{ end: "satisfied", resource: newer }];
  assert.deepEqual(
    { reads, firstResults: first.results, secondResults: second.results },
    { reads: 1, firstResults: satisfied, secondResults: satisfied },
  );
});

it("gives no waiter a row whose read began before it joined", async () => {
  const group = new WaiterGroup(KEY);
  const early = createWaiter(group, older);
  await group.add(early.waiter, () => older);
  const reading = Promise.withResolvers<Resource>();
  const rechecking = group.recheck(() => reading.promise);
  // This waiter has seen the newer version, so it must not get the older one.
  const late = createWaiter(group, newer);
  await group.add(late.waiter, () => newer);
  reading.resolve(older);
  await rechecking;
  assert.deepEqual({ checked: late.checked, results: late.results }, { checked: [newer], results: [] });
  assert.deepEqual(early.results, []);
});
