import type { FieldPath } from "./json/edit-field.ts";
import { type Backoff, DEFAULT_BACKOFF } from "./scheduling/backoff.ts";

/** What of an operation's declaration decides its course: plain data, so that a store may fold with it in another thread. */
export interface OperationPolicy {
  /** The label shown while the operation is in progress, until work reports another. */
  readonly status: string;
  /** Claimed by outside processes only. */
  readonly external: boolean;
  /** Every attempt runs in a process of its own. */
  readonly isolated: boolean;
  /** How many attempts may fail; the last of them is final. */
  readonly attempts: number;
  readonly backoff: Backoff;
  /** How many workers the operation may lose; the last of them is final. */
  readonly lostWorkers: number;
  /** How long one attempt may run. */
  readonly timeoutMs: number;
  /** How long the whole operation may take, waiting included. */
  readonly deadlineMs: number;
  readonly undo: {
    /** How many attempts at undoing may fail. */
    readonly attempts: number;
    /** How long undoing may take in all. */
    readonly deadlineMs: number;
  };
}

/** How many characters of JSON an operation may hold where its type says nothing else. */
export const DEFAULT_MAX_BYTES = 1_048_576;

/** What of a resource type's declaration decides the course of its operations. */
export interface TypePolicy {
  readonly type: string;
  /** The labels of success, the default one first. */
  readonly ready: readonly [string, ...string[]];
  readonly failed: string;
  readonly cancelled: string;
  /** A failed operation other than create shows the failed label, instead of going back to the previous one. */
  readonly failedAfterChange: boolean;
  /** How much records, received messages and details one operation may hold, in characters of JSON. */
  readonly maxBytes: number;
  /** Fields of the configuration that work is given and clients are never shown. A store keeps them beside the type's name. */
  readonly redact: readonly FieldPath[];
  /** By kind. DELETE of a type without the kind `delete` removes the resource at once. */
  readonly kinds: Readonly<Record<string, OperationPolicy>>;
}

/** By resource type name. */
export type Policies = ReadonlyMap<string, TypePolicy>;

/** What a declaration that says nothing else means. */
export const DEFAULT_POLICY: Omit<OperationPolicy, "status"> = {
  external: false,
  isolated: false,
  attempts: 5,
  backoff: DEFAULT_BACKOFF,
  lostWorkers: 20,
  timeoutMs: 3_600_000,
  deadlineMs: 604_800_000,
  undo: { attempts: 10, deadlineMs: 86_400_000 },
};

/**
 * The course of operations whose type or kind this node does not declare: another version's, or removed. They wait for a node that
 * does, keep their stored deadline, and still settle by it.
 */
const UNDECLARED: OperationPolicy = { status: "Unknown", ...DEFAULT_POLICY };

const UNDECLARED_TYPE: Omit<TypePolicy, "type"> = {
  ready: ["Ready"],
  failed: "Failed",
  cancelled: "Cancelled",
  failedAfterChange: false,
  maxBytes: DEFAULT_MAX_BYTES,
  redact: [],
  kinds: {},
};

/** Every label that a type declares; work may show others while it runs. */
export function declaredLabels({ ready, failed, cancelled, kinds }: TypePolicy): ReadonlySet<string> {
  return new Set([...ready, failed, cancelled, ...Object.values(kinds).map(({ status }) => status)]);
}

export function policyOf(policies: Policies, type: string): TypePolicy {
  return policies.get(type) ?? { type, ...UNDECLARED_TYPE };
}

export function kindPolicyOf(policy: TypePolicy, kind: string): OperationPolicy {
  return Object.hasOwn(policy.kinds, kind) ? (policy.kinds[kind] ?? UNDECLARED) : UNDECLARED;
}
