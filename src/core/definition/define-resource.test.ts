import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import { DEFAULT_POLICY } from "../policy.ts";
import { defineResource } from "./define-resource.ts";
import { propertyNames } from "./resource-type.ts";

const configuration = z.object({ ram: z.string() });
const details = z.object({ ip: z.string() });
const work = (): { ip: string } => ({ ip: "::1" });

const least = {
  name: "virtual-machine",
  configuration,
  details,
  statuses: { ready: "Ready" },
  create: { status: "Provisioning", work },
} as const;

/** A declaration as a caller without types may write it. */
function declare(changes: object): void {
  Reflect.apply(defineResource, undefined, [{ ...least, ...changes }]);
}

test("the least declaration: every default is the documented one", () => {
  const { operations, receives, ...type } = defineResource(least);
  assert.deepEqual(
    { name: type.name, path: type.path, schemaName: type.schemaName },
    { name: "virtual-machine", path: "virtual-machines", schemaName: "VirtualMachine" },
  );
  assert.deepEqual([...operations.keys(), ...receives.keys()], ["create"]);
  const { kinds, ...policy } = type.policy;
  assert.deepEqual(policy, {
    type: "virtual-machine",
    ready: ["Ready"],
    failed: "Failed",
    cancelled: "Cancelled",
    cancelling: "Cancelling",
    failedAfterChange: false,
    redact: [],
    maxBytes: 1_048_576,
  });
  assert.deepEqual(kinds, { create: { status: "Provisioning", ...DEFAULT_POLICY } });
  const { representation } = type;
  const options = ["timestamps", "liveness", "metadata", "expiry", "queuePosition", "links"];
  const added = Object.fromEntries(options.map((name) => [name, false]));
  assert.deepEqual(representation, { progress: "percent", time: "text", ...added });
  assert.deepEqual(
    { concurrency: type.concurrency, liveStatus: type.liveStatus, maxInProgress: type.maxInProgress },
    { concurrency: 100, liveStatus: false, maxInProgress: undefined },
  );
  assert.equal(type.settledMs, undefined);
});

test("the defaults of an operation: 5 attempts, 20 lost workers, an hour, seven days, a day to undo", () => {
  assert.deepEqual(DEFAULT_POLICY, {
    external: false,
    isolated: false,
    attempts: 5,
    backoff: { initialMs: 1000, factor: 2, maxMs: 60_000 },
    lostWorkers: 20,
    timeoutMs: 3_600_000,
    deadlineMs: 604_800_000,
    undo: { attempts: 10, deadlineMs: 86_400_000 },
  });
});

test("everything that is declared is kept", () => {
  const observe = async (): Promise<void> => {};
  const type = defineResource({
    ...least,
    path: "machines",
    statuses: {
      ready: ["Ready", "Stopped"],
      failed: "Broken",
      cancelled: "Dropped",
      cancelling: "Dropping",
      failedAfterChange: true,
    },
    update: {
      status: "Resizing",
      work,
      isolation: "process",
      retry: { attempts: 2, initialMs: 10, factor: 3, maxMs: 100, lostWorkers: 4 },
      timeoutMs: 5,
      deadlineMs: 6,
      undo: { attempts: 7, deadlineMs: 8 },
    },
    delete: { status: "Deleting", external: true },
    actions: { stop: { status: "Stopping", input: z.object({ force: z.boolean() }), work } },
    receives: { approval: z.object({ by: z.string() }) },
    observe,
    representation: { timestamps: true },
    maxBytes: 9,
    concurrency: 10,
    maxInProgress: 11,
  });
  assert.equal(type.path, "machines");
  assert.deepEqual(type.policy.ready, ["Ready", "Stopped"]);
  assert.deepEqual(
    [type.policy.failed, type.policy.cancelled, type.policy.cancelling, type.policy.failedAfterChange],
    ["Broken", "Dropped", "Dropping", true],
  );
  assert.deepEqual(type.policy.kinds["update"], {
    status: "Resizing",
    external: false,
    isolated: true,
    attempts: 2,
    backoff: { initialMs: 10, factor: 3, maxMs: 100 },
    lostWorkers: 4,
    timeoutMs: 5,
    deadlineMs: 6,
    undo: { attempts: 7, deadlineMs: 8 },
  });
  assert.equal(type.policy.kinds["delete"]?.external, true);
  assert.equal(type.operations.get("delete")?.work, undefined);
  assert.equal(type.operations.get("stop")?.work, work);
  assert.deepEqual(propertyNames(type.operations.get("stop")?.input?.input ?? {}), ["force"]);
  assert.deepEqual([...type.receives.keys()], ["approval"]);
  assert.equal(type.observe, observe);
  assert.deepEqual(
    { timestamps: type.representation.timestamps, progress: type.representation.progress },
    { timestamps: true, progress: "percent" },
  );
  assert.deepEqual(
    { maxBytes: type.policy.maxBytes, concurrency: type.concurrency, maxInProgress: type.maxInProgress },
    { maxBytes: 9, concurrency: 10, maxInProgress: 11 },
  );
});

const create = least.create;

/** Mistakes: a description, the declaration, and the error message, which begins with the field. */
const mistakes: readonly [what: string, changes: object, message: RegExp][] = [
  ["a name of another shape", { name: "VirtualMachine" }, /^defineResource: name: "VirtualMachine" is not a name/],
  ["no name", { name: undefined }, /^defineResource: name: undefined is not a name/],
  ...["operation", "message", "worker"].map((name): [string, object, RegExp] => [
    `the reserved name ${name}`,
    { name },
    new RegExp(`^defineResource: the name "${name}" is reserved`),
  ]),
  ["a path of another shape", { path: "a/b" }, /^virtual-machine: path: "a\/b" is not a name/],
  ...["dashboard", "messages", "operations", "worker"].map((path): [string, object, RegExp] => [
    `the reserved path ${path}`,
    { path },
    new RegExp(`^virtual-machine: path: "${path}" is reserved; choose another path than dashboard, messages`),
  ]),
  ["no create", { create: undefined }, /^virtual-machine: create\.status: give the label/],
  ["no status", { update: { work } }, /^virtual-machine: update\.status: give the label/],
  ["an empty status", { actions: { stop: { status: "", work } } }, /^virtual-machine: stop\.status: give the label/],
  [
    "neither work nor external",
    { create: { status: "A" } },
    /^virtual-machine: create: give a work function, or external/,
  ],
  [
    "work that is no function",
    { create: { status: "A", work: "work" } },
    /^virtual-machine: create\.work: is not a function/,
  ],
  ["no statuses", { statuses: undefined }, /^virtual-machine: statuses\.ready: give the label of success/],
  [
    "no ready label",
    { statuses: { ready: [] } },
    /^virtual-machine: statuses: a label must be a string that is not empty/,
  ],
  [
    "an empty label",
    { statuses: { ready: "Ready", failed: "" } },
    /^virtual-machine: statuses: a label must be a string/,
  ],
  [
    "a label twice",
    { statuses: { ready: ["Ready", "Ready"] } },
    /^virtual-machine: statuses\.ready: a label is duplicated/,
  ],
  ...["Ready", "Stopped", "Failed", "Cancelled"].map((status): [string, object, RegExp] => [
    `the settled label ${status} for what is in progress`,
    { statuses: { ready: ["Ready", "Stopped"] }, actions: { stop: { status, work } } },
    new RegExp(`^virtual-machine: stop\\.status: "${status}" is a label of settled resources`),
  ]),
  ["an empty cancelling label", { statuses: { ready: "Ready", cancelling: "" } }, /statuses: a label must be a string/],
  [
    "a cancelling label of settled resources",
    { statuses: { ready: "Ready", cancelling: "Cancelled" } },
    /^virtual-machine: statuses\.cancelling: "Cancelled" is a label of settled resources/,
  ],
  ["an observe that is no function", { observe: "hypervisor" }, /^virtual-machine: observe: is not a function/],
  [
    "a configuration without JSON Schema",
    { configuration: {} },
    /^virtual-machine: configuration: this schema has no JSON Schema/,
  ],
  ["a Date in details", { details: z.object({ at: z.date() }) }, /^virtual-machine: details\.at: Date cannot/],
  [
    "a Date in an input",
    { actions: { stop: { ...create, input: z.object({ at: z.date() }) } } },
    /^virtual-machine: actions\.stop\.input\.at: Date/,
  ],
  [
    "a Date in a message",
    { receives: { approval: z.object({ at: z.date() }) } },
    /^virtual-machine: receives\.approval\.at: Date/,
  ],
  [
    "details that are no object",
    { details: z.array(z.string()) },
    /^virtual-machine: details: must be an object.* is "array"/,
  ],
  ...[
    "id",
    "status",
    "configuration",
    "progress",
    "estimatedTimeRemaining",
    "error",
    "createdAt",
    "updatedAt",
    "attempt",
    "observedAt",
  ].map((field): [string, object, RegExp] => [
    `a details field named ${field}`,
    { details: z.object({ [field]: z.string() }) },
    new RegExp(`^virtual-machine: details\\.${field}: every representation has a field of this name`),
  ]),
  ...["cancel", "retry", "history", "create", "update", "delete"].flatMap((given): [string, object, RegExp][] => [
    [
      `an action named ${given}`,
      { actions: { [given]: create } },
      new RegExp(`^virtual-machine: actions\\.${given}: this name is reserved`),
    ],
    [
      `a message named ${given}`,
      { receives: { [given]: details } },
      new RegExp(`^virtual-machine: receives\\.${given}: this name is reserved`),
    ],
  ]),
  [
    "an action of another shape",
    { actions: { stopNow: create } },
    /^virtual-machine: actions: "stopNow" is not a name/,
  ],
  [
    "a message of another shape",
    { receives: { isApproved: details } },
    /^virtual-machine: receives: "isApproved" is not a name/,
  ],
  [
    "an action and a message of one name",
    { actions: { stop: create }, receives: { stop: details } },
    /^virtual-machine: "stop" is an action and a message/,
  ],
  ...(
    [
      ["maxBytes", (value) => ({ maxBytes: value })],
      ["concurrency", (value) => ({ concurrency: value })],
      ["maxInProgress", (value) => ({ maxInProgress: value })],
      ["create.retry.attempts", (value) => ({ create: { ...create, retry: { attempts: value } } })],
      ["create.retry.initialMs", (value) => ({ create: { ...create, retry: { initialMs: value } } })],
      ["create.retry.factor", (value) => ({ create: { ...create, retry: { factor: value } } })],
      ["create.retry.maxMs", (value) => ({ create: { ...create, retry: { maxMs: value } } })],
      ["create.retry.lostWorkers", (value) => ({ create: { ...create, retry: { lostWorkers: value } } })],
      ["create.timeoutMs", (value) => ({ create: { ...create, timeoutMs: value } })],
      ["create.deadlineMs", (value) => ({ create: { ...create, deadlineMs: value } })],
      ["create.undo.attempts", (value) => ({ create: { ...create, undo: { attempts: value } } })],
      ["create.undo.deadlineMs", (value) => ({ create: { ...create, undo: { deadlineMs: value } } })],
    ] satisfies [string, (value: unknown) => object][]
  ).flatMap(([field, changes]) =>
    [0, -1, Number.NaN, Infinity, "5"].map((value): [string, object, RegExp] => [
      `${field} of ${JSON.stringify(value)} ${String(value)}`,
      changes(value),
      new RegExp(
        `^virtual-machine: ${field.replaceAll(".", String.raw`\.`)}: .*${String(value)}.* is not a (?:whole )?number above zero$`,
      ),
    ]),
  ),
  [
    "half an attempt",
    { create: { ...create, retry: { attempts: 1.5 } } },
    /^virtual-machine: create\.retry\.attempts: 1\.5 is not a whole number/,
  ],
  ["half an operation", { concurrency: 0.5 }, /^virtual-machine: concurrency: 0\.5 is not a whole number/],
];

describe("a mistake in a declaration is an error there that names the field", () => {
  for (const [what, changes, message] of mistakes) {
    test(what, () => {
      assert.throws(
        () => {
          declare(changes);
        },
        { name: "DefinitionError", code: "invalid-definition", message },
      );
    });
  }
});
