import { DEFAULT_POLICY, type OperationPolicy, type Policies, type TypePolicy } from "../../core/policy.ts";

/** The instant at which every test begins. */
export const AT = 1_700_000_000_000;

const operation = (status: string): OperationPolicy => ({
  ...DEFAULT_POLICY,
  status,
  attempts: 3,
  lostWorkers: 3,
  timeoutMs: 60_000,
  deadlineMs: 600_000,
  undo: { attempts: 2, deadlineMs: 60_000 },
});

const type = (name: string, kinds: TypePolicy["kinds"]): TypePolicy => ({
  type: name,
  ready: ["Ready", "Stopped"],
  failed: "Failed",
  cancelled: "Cancelled",
  failedAfterChange: false,
  maxBytes: 100_000,
  redact: name === "widget" ? [["secret"], ["database", "password"]] : [],
  kinds,
});

/** `widget` declares every kind and an action; `gadget` only `create`, so that its DELETE needs no work. */
export const POLICIES: Policies = new Map([
  [
    "widget",
    type("widget", {
      create: operation("Making"),
      update: operation("Changing"),
      delete: operation("Removing"),
      turn: operation("Turning"),
    }),
  ],
  ["gadget", type("gadget", { create: operation("Making") })],
]);

export const WIDGET_KINDS: readonly string[] = ["create", "update", "delete", "turn"];
