import assert from "node:assert/strict";
import type { Change } from "../../core/change.ts";
import { matchesFilter } from "../../core/ports/finding.ts";
import type { Store } from "../../core/ports/store.ts";
import type { Resource } from "../../core/resource.ts";
import { numbered } from "./fixture/changes.ts";
import type { StoreFixture, StoreTests } from "./fixture/fixture.ts";
import { applyToModel, type ModelState, emptyState } from "./fixture/model.ts";
import { type RandomDraws, createDraws, randomChange } from "./fixture/random-changes.ts";
import { AT, WIDGET_KINDS } from "./fixture/types.ts";

const ROUNDS = 60;

/** Tests with random changes in random batches: the store must agree with the core, which applies them one by one. */
export const modelTests: StoreTests = {
  "agrees with the core, change by change (1)": (fixture) => run(fixture, 0),
  "agrees with the core, change by change (2)": (fixture) => run(fixture, 1),
  "agrees with the core, change by change (3)": (fixture) => run(fixture, 2),
  "agrees with the core, change by change (4)": (fixture) => run(fixture, 3),
};

async function run({ store, stores, seed: firstSeed, printSeed }: StoreFixture, offset: number): Promise<void> {
  const seed = firstSeed + offset;
  printSeed(seed);
  const draws = createDraws(seed);
  const model = new Map(numbered(6).map((id) => [id, emptyState()]));
  for (let round = 0; round < ROUNDS; round++) {
    // One call for each resource, so that their order does not matter; all in one tick.
    const calls = [...model].map(([id, state]) => randomCall(draws, id, state, AT + round * 20_000));
    const results = await Promise.all(
      calls.map(({ changes }, index) => (stores[index % stores.length] ?? store).apply(changes)),
    );
    for (const [index, { expected, changes }] of calls.entries()) {
      assert.deepEqual(results[index], expected, `seed ${seed}, round ${round}: ${JSON.stringify(changes)}`);
    }
  }
  for (const [id, state] of model) await compare(store, id, state);
  await compareFound(store, model);
  await compareGrants(store, model);
}

/** Compares the lists by metadata and by change, if the store has them. */
async function compareFound(store: Store, model: ReadonlyMap<string, ModelState>): Promise<void> {
  const present = [...model.values()].flatMap(({ resource }) => (resource?.deletedAt === null ? [resource] : []));
  for (const filter of [{ metadata: { a: "1" } }, { metadata: { a: "2", b: "1" } }, { updatedAfter: 0 }]) {
    const found = await store.find?.({ type: "widget", limit: 100, ...filter });
    if (found === undefined) return;
    const expected = present.filter((resource) => matchesFilter(filter, resource));
    const byId = (a: Resource, b: Resource): number => (a.id < b.id ? -1 : 1);
    assert.deepEqual(found.resources.toSorted(byId), expected.toSorted(byId));
  }
}

function randomCall(draws: RandomDraws, id: string, state: ModelState, at: number) {
  const changes: Change[] = [];
  const expected: ReturnType<typeof applyToModel>[] = [];
  for (let remaining = 1 + draws.number(6); remaining > 0; remaining--) {
    const repeated = draws.chance(0.05) ? changes.at(-1) : undefined;
    const change = repeated ?? randomChange(draws, id, state, at + draws.number(2000));
    changes.push(change);
    expected.push(applyToModel(state, change));
  }
  return { changes, expected };
}

async function compare(store: Store, id: string, { resource, history, records, replies }: ModelState): Promise<void> {
  const key = { type: "widget", id };
  assert.deepEqual(await store.read([key]), [resource]);
  if (resource === undefined) return;
  assert.deepEqual(await store.readByOperation([resource.operation.id]), [resource]);
  const lines = await store.history({ key, limit: 100_000 });
  assert.deepEqual(
    lines.map(({ sequence: _sequence, ...entry }) => entry),
    history,
  );
  const inOrder = [...records.values()].toSorted((a, b) => a.position - b.position);
  assert.deepEqual(await store.records(resource.operation.root), inOrder);
  const keys = [...replies.values()];
  assert.deepEqual(await store.readReplies(keys), keys);
}

/** Compares received messages, which only a claim reads. */
async function compareGrants(store: Store, model: ReadonlyMap<string, ModelState>): Promise<void> {
  const slots = [{ type: "widget", kinds: WIDGET_KINDS, free: 100 }];
  const [granted = []] = await store.claim([{ worker: "last", claim: 1, slots, at: AT + 100 * ROUNDS * 20_000 }]);
  for (const { resource, received } of granted) {
    const { root } = resource.operation;
    const messages = [...(model.get(resource.id)?.messages.values() ?? [])];
    const expected = messages.filter((message) => message.root === root).map(({ root: _root, ...message }) => message);
    assert.deepEqual(
      received,
      expected.toSorted((a, b) => a.position - b.position),
    );
  }
}
