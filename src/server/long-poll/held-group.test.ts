import assert from "node:assert/strict";
import { it } from "node:test";
import { Row } from "../../../test/core/row.ts";
import type { Resource } from "../../core/resource.ts";
import { HeldGroup, type Released } from "./held-group.ts";

const KEY = { type: "machine", id: "1" };
const older = Row.running().resource;
const newer: Resource = { ...older, version: older.version + 1 };

/** Waits until a version other than the one it has seen is there. */
function waitingFor(group: HeldGroup, seen: Resource) {
  const asked: (Resource | undefined)[] = [];
  const released: Released[] = [];
  const waiting = {
    isOver: (resource: Resource | undefined) => asked.push(resource) > 0 && resource?.version !== seen.version,
    release: (end: Released) => {
      group.waiting.delete(waiting);
      released.push(end);
    },
  };
  return { waiting, asked, released };
}

it("looks for one that comes alone, and for all by one read", async () => {
  const group = new HeldGroup(KEY);
  const [first, second] = [waitingFor(group, older), waitingFor(group, older)];
  let reads = 0;
  await group.add(first.waiting, () => older);
  await group.add(second.waiting, () => older);
  assert.deepEqual(
    { firstAsked: first.asked, secondAsked: second.asked },
    { firstAsked: [older], secondAsked: [older] },
  );
  await group.look(() => {
    reads++;
    return newer;
  });
  const over = [{ end: "over", resource: newer }];
  assert.deepEqual(
    { reads, firstReleased: first.released, secondReleased: second.released },
    { reads: 1, firstReleased: over, secondReleased: over },
  );
});

it("shows nobody a row that was asked for before he came", async () => {
  const group = new HeldGroup(KEY);
  const early = waitingFor(group, older);
  await group.add(early.waiting, () => older);
  const reading = Promise.withResolvers<Resource>();
  const looking = group.look(() => reading.promise);
  // Has seen what was committed meanwhile, and must not be told what was before.
  const late = waitingFor(group, newer);
  await group.add(late.waiting, () => newer);
  reading.resolve(older);
  await looking;
  assert.deepEqual({ asked: late.asked, released: late.released }, { asked: [newer], released: [] });
  assert.deepEqual(early.released, []);
});
