import { isInProgress } from "../../core/operation.ts";
import type { AcceptRequest, Change, IdempotentReply } from "../../core/state-machine/change.ts";
import type { OperationEvent } from "../../core/state-machine/events.ts";
import type { Kept } from "./model.ts";

/** Draws that a seed decides, so that a failing run can be run again. */
export interface Draws {
  /** A whole number from 0 up to, not including, `below`. */
  number(below: number): number;
  fraction(): number;
  chance(probability: number): boolean;
  one<Value>(values: readonly [Value, ...Value[]]): Value;
}

/** @see https://github.com/bryc/code/blob/master/jshash/PRNGs.md#mulberry32 */
export function drawsOf(seed: number): Draws {
  let state = seed;
  const fraction = (): number => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const number = (below: number): number => Math.floor(fraction() * below);
  return {
    fraction,
    number,
    chance: (probability) => fraction() < probability,
    one: (values) => values[number(values.length)] ?? values[0],
  };
}

/** A change that may well apply to a resource as it is, repeats an earlier one, or comes too late. */
export function randomChange(draws: Draws, id: string, { resource }: Kept, at: number): Change {
  const common = { at, random: draws.fraction(), ...randomReply(draws, id) };
  const key = { type: "widget", id };
  if (resource === undefined || resource.deletedAt !== null || draws.chance(0.03)) {
    const operation = { id: `${id}-o${draws.number(1e9)}`, kind: "create", configuration: `{"n":${draws.number(9)}}` };
    return { change: "accept", key, expect: "absent", operation, ...common };
  }
  if (isInProgress(resource.operation) ? draws.chance(0.05) : draws.chance(0.7)) {
    const expect = { creation: resource.creation, edit: resource.edit - (draws.chance(0.1) ? 1 : 0) };
    return { change: "accept", key, expect, operation: randomOperation(draws, resource.operation.id, id), ...common };
  }
  const target = draws.chance(0.8) ? { operation: resource.operation.id } : key;
  const attempt = Math.max(0, resource.operation.attempt - (draws.chance(0.1) ? 1 : 0));
  return { change: "event", target, event: randomEvent(draws, id, attempt), ...common };
}

function randomReply(draws: Draws, id: string): { readonly idempotency?: IdempotentReply } {
  if (!draws.chance(0.2)) return {};
  const key = `${id}-k${draws.number(12)}`;
  return {
    idempotency: { principal: "", key, fingerprint: draws.one(["f", "f", "g"]), status: 202, location: "/", body: key },
  };
}

function randomOperation(draws: Draws, latest: string, id: string): AcceptRequest {
  const kind = draws.one(["update", "turn", "delete", "create"]);
  const repeated = draws.chance(0.1);
  return {
    id: repeated ? latest : `${id}-o${draws.number(1e9)}`,
    kind,
    ...(kind === "update" ? { configuration: `{"n":${draws.number(9)}}`, sent: "{}" } : {}),
    ...(draws.chance(0.5) ? { retryOf: latest } : {}),
  };
}

function randomEvent(draws: Draws, id: string, attempt: number): OperationEvent {
  const step = draws.one(["s1", "s2", "s3"]);
  const message = `${id}-m${draws.number(20)}`;
  const error = { code: "work-failed", title: "Work failed", detail: "No.", retryable: draws.chance(0.7) };
  const claimed = { event: "claimed", worker: draws.one(["w1", "w2"]), claim: draws.number(5) } as const;
  const recorded = { event: "recorded", attempt, step, undo: draws.chance(0.5) } as const;
  return draws.one<OperationEvent>([
    claimed,
    claimed,
    claimed,
    { event: "progress", attempt, sequence: draws.number(6), progress: draws.fraction(), details: '{"p":1}' },
    { ...recorded, state: "started" },
    { ...recorded, state: "done", result: String(draws.number(100)) },
    { ...recorded, state: "failed", error },
    { ...recorded, state: "undone" },
    { event: "succeeded", attempt, details: `{"n":${draws.number(9)}}` },
    { event: "failed", attempt, error, left: [step] },
    { event: "cancelled", attempt },
    { event: "undone", attempt },
    { event: "waiting", attempt, receive: ["approval"], receivedSeen: draws.number(3) },
    { event: "handed-back", attempt },
    { event: "lost", attempt },
    { event: "overdue", left: [step] },
    { event: "cancel-asked" },
    { event: "delete-asked", operation: `${id}-o${draws.number(1e9)}` },
    { event: "received", id: message, name: draws.one(["approval", "payment"]), value: '"v"' },
    { event: "received", id: message, name: "approval", value: '"v"' },
  ]);
}
