import assert from "node:assert/strict";
import type { Applied, Granted, Store } from "../../core/ports/store.ts";
import type { Resource } from "../../core/resource.ts";
import type {
  AcceptChange,
  AcceptRequest,
  Change,
  EventChange,
  IdempotentReply,
  OwnerLimit,
} from "../../core/state-machine/change.ts";
import type { OperationEvent } from "../../core/state-machine/events.ts";
import { AT, WIDGET_KINDS } from "./types.ts";

/** A draw that is as good as any. */
const RANDOM = 0.5;

/** What a test may set of a create; the operation's id is the resource's with `-create`. */
export interface Creation {
  readonly type?: string;
  readonly at?: number;
  readonly operation?: Partial<AcceptRequest>;
  readonly maxInProgress?: number;
  readonly ownerLimit?: OwnerLimit;
  readonly idempotency?: IdempotentReply;
}

export function create(id: string, { type = "widget", at = AT, operation = {}, ...more }: Creation = {}): AcceptChange {
  return {
    change: "accept",
    key: { type, id },
    expect: "absent",
    operation: { id: `${id}-create`, kind: "create", configuration: '{"size":1}', ...operation },
    at,
    random: RANDOM,
    ...more,
  };
}

/** Begins another operation of the resource as it was read. */
export function change(
  { type, id, creation, edit }: Resource,
  operation: AcceptRequest,
  more: Partial<AcceptChange> = {},
): AcceptChange {
  return {
    change: "accept",
    key: { type, id },
    expect: { creation, edit },
    operation,
    at: AT,
    random: RANDOM,
    ...more,
  };
}

/** What a worker says of an operation. */
export function said(operation: string, event: OperationEvent, at = AT): EventChange {
  return { change: "event", target: { operation }, event, at, random: RANDOM };
}

/** What a client asks of a resource. */
export function asked(id: string, event: OperationEvent, more: Partial<EventChange> = {}): EventChange {
  return { change: "event", target: { type: "widget", id }, event, at: AT, random: RANDOM, ...more };
}

export async function applyOne(store: Store, one: Change): Promise<Applied> {
  const results = await store.apply([one]);
  assert.equal(results.length, 1, "one result for one change");
  return results[0] ?? assert.fail();
}

/** Applies a change that must be applied. */
export async function applied(store: Store, one: Change): Promise<Resource> {
  const { outcome, code, resource } = await applyOne(store, one);
  assert.equal(outcome, "applied", code);
  return resource ?? assert.fail("applied without a row");
}

export async function readOne(store: Store, id: string, type = "widget"): Promise<Resource | undefined> {
  const rows = await store.read([{ type, id }]);
  assert.equal(rows.length, 1, "one row for one key");
  return rows[0];
}

export async function existing(store: Store, id: string, type = "widget"): Promise<Resource> {
  return (await readOne(store, id, type)) ?? assert.fail(`${type}/${id} is not there`);
}

/** What a test may set of a claim. */
export interface Claiming {
  readonly worker?: string;
  readonly claim?: number;
  readonly kinds?: readonly string[];
  readonly free?: number;
  readonly at?: number;
}

export async function claimAll(store: Store, claiming: Claiming = {}): Promise<readonly Granted[]> {
  const { worker = "worker", claim = 1, kinds = WIDGET_KINDS, free = 1000, at = AT } = claiming;
  const granted = await store.claim([{ worker, claim, places: [{ type: "widget", kinds, free }], at }]);
  assert.equal(granted.length, 1, "one array for one request");
  return granted[0] ?? assert.fail();
}

/** Creates a widget and has a worker hold its first attempt. */
export async function running(store: Store, id: string, claiming: Claiming = {}): Promise<Resource> {
  await applied(store, create(id));
  const granted = await claimAll(store, { worker: `worker of ${id}`, ...claiming });
  const held = granted.find(({ resource }) => resource.id === id);
  return held?.resource ?? assert.fail(`${id} was not granted`);
}

/** A widget that is ready. */
export async function ready(store: Store, id: string): Promise<Resource> {
  const { operation } = await running(store, id);
  return applied(store, said(operation.id, { event: "succeeded", attempt: 1, details: '{"made":true}' }));
}

export function idsOf(rows: readonly { readonly resource: Resource }[]): string[] {
  return rows.map(({ resource }) => resource.id);
}

export function numbered(count: number, prefix = "r"): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(4, "0")}`);
}

/** Spreads callers of a race over the stores. */
export function spread<Value, Result>(
  stores: readonly Store[],
  values: readonly Value[],
  call: (store: Store, value: Value) => Promise<Result>,
): Promise<Result[]> {
  return Promise.all(values.map((value, index) => call(stores[index % stores.length] ?? assert.fail(), value)));
}
