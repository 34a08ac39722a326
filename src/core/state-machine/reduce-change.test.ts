import assert from "node:assert/strict";
import { test } from "node:test";
import { policyWith, Row } from "../../../test/core/row.ts";
import { reduceChange } from "./reduce-change.ts";

const policies = new Map([["machine", policyWith()]]);
const cancel = { event: "cancel-requested" } as const;
const moment = { at: 1_000_000, random: 0.5 };

test("an event that names its operation is for that one alone", () => {
  const { resource } = Row.created();
  const change = { change: "event", event: cancel, ...moment } as const;
  const other = reduceChange(policies, resource, { ...change, target: { operation: "another" } });
  assert.deepEqual({ outcome: other.outcome, resource: other.resource }, { outcome: "dropped", resource });
  const own = reduceChange(policies, resource, { ...change, target: { operation: resource.operation.id } });
  assert.equal(own.resource?.operation.state, "cancelled");
});

test("an event for a row that is not there is refused", () => {
  const change = { change: "event", event: cancel, target: { type: "machine", id: "1" }, ...moment } as const;
  assert.deepEqual(reduceChange(policies, undefined, change), {
    outcome: "refused",
    code: "resource-not-found",
    resource: undefined,
    history: [],
  });
});

test("an operation of a type that this node does not declare is retried, not ended", () => {
  const { resource } = Row.running();
  const error = { code: "work-failed", title: "Failed", detail: "It broke.", retryable: true };
  const { operation } = resource;
  const event = { event: "failed", attempt: operation.attempt, error } as const;
  const change = { change: "event", event, target: { operation: operation.id }, ...moment } as const;
  assert.equal(reduceChange(new Map(), resource, change).resource?.operation.state, "pending");
});

test("an operation of a type that this node does not declare still settles by its deadline", () => {
  const { resource } = Row.created();
  const at = resource.operation.deadlineAt;
  const target = { operation: resource.operation.id };
  const change = { change: "event", event: { event: "overdue" }, target, at, random: 0 } as const;
  assert.equal(reduceChange(new Map(), resource, change).resource?.operation.state, "failed");
});
