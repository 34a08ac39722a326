import type { FieldPath } from "./json/edit-field.ts";
import { type Backoff, DEFAULT_BACKOFF } from "./scheduling/backoff.ts";

/** The limits and labels of one kind of operation. Plain data, so that a store can reduce changes in another thread. */
export interface OperationPolicy {
  /** Label shown while the operation is in progress, until the work reports another one. */
  readonly status: string;
  /** True if external processes do the work. */
  readonly external: boolean;
  /** True if every attempt runs in its own process. */
  readonly isolated: boolean;
  /** Maximum number of failed attempts. The last one is final. */
  readonly attempts: number;
  readonly backoff: Backoff;
  /** Maximum number of lost workers. The last one is final. */
  readonly lostWorkers: number;
  /** Maximum duration of one attempt. */
  readonly timeoutMs: number;
  /** Maximum duration of the operation, waiting included. */
  readonly deadlineMs: number;
  readonly undo: {
    /** Maximum number of failed attempts at undoing. */
    readonly attempts: number;
    /** Maximum duration of undoing. */
    readonly deadlineMs: number;
  };
}

/** Default of {@link TypePolicy.maxBytes}. */
export const DEFAULT_MAX_BYTES = 1_048_576;

/** The part of a resource type's declaration that decides how its operations proceed. */
export interface TypePolicy {
  readonly type: string;
  /** Labels of success, the default one first. */
  readonly ready: readonly [string, ...string[]];
  readonly failed: string;
  readonly cancelled: string;
  /** Label shown while a cancelled operation stops and is undone. */
  readonly cancelling: string;
  /** True if a failed update, action or delete shows the failed label instead of the previous label. */
  readonly failedAfterChange: boolean;
  /** Maximum size of the records, received messages and details of one operation, in characters of JSON. */
  readonly maxBytes: number;
  /** True if stores list the resources in the order of their changes, for `updatedAfter`. */
  readonly updatedAfter?: boolean;
  /** Configuration fields that work can read and clients never see. Stores keep their names with the type. */
  readonly redact: readonly FieldPath[];
  /** Maximum number of claimed operations with the same turn. @default no limit */
  readonly turnLimit?: number;
  /** Receivers of an event when an operation is settled. @default none */
  readonly webhooks?: WebhookPolicy;
  /** Policies by kind. Without the kind `delete`, DELETE removes the resource at once. */
  readonly kinds: Readonly<Record<string, OperationPolicy>>;
}

/** The receivers of the events of a type. */
export interface WebhookPolicy {
  /** URLs of the receivers that the app declares. */
  readonly urls: readonly string[];
  /** True if clients may name a receiver for each resource. */
  readonly perResource: boolean;
}

/** Maximum length of a key under which operations take turns. */
export const MAX_TURN_LENGTH = 200;

/** Policies by resource type name. */
export type Policies = ReadonlyMap<string, TypePolicy>;

/** Collects the policies of resource types. */
export function policiesOf(types: readonly { readonly name: string; readonly policy: TypePolicy }[]): Policies {
  return new Map(types.map(({ name, policy }) => [name, policy]));
}

/** The defaults of a declaration. */
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
 * The policy of operations whose type or kind this process does not declare: another version of the app declares it, or
 * it was removed. They wait for a process that declares it, and settle by their stored deadline at the latest.
 */
const UNDECLARED: OperationPolicy = { status: "Unknown", ...DEFAULT_POLICY };

const UNDECLARED_TYPE: Omit<TypePolicy, "type"> = {
  ready: ["Ready"],
  failed: "Failed",
  cancelled: "Cancelled",
  cancelling: "Cancelling",
  failedAfterChange: false,
  maxBytes: DEFAULT_MAX_BYTES,
  redact: [],
  kinds: {},
};

/** Returns all labels that a type declares. Work may report others while it runs. */
export function declaredLabels({ ready, failed, cancelled, cancelling, kinds }: TypePolicy): ReadonlySet<string> {
  return new Set([...ready, failed, cancelled, cancelling, ...Object.values(kinds).map(({ status }) => status)]);
}

/** Returns true for a label that clients take for the end of an operation. Not allowed while an operation is in progress. */
export function isSettledLabel({ ready, failed, cancelled }: TypePolicy, label: string): boolean {
  return ready.includes(label) || label === failed || label === cancelled;
}

/** Returns the policy of a type; a default one if the type is not declared. */
export function policyOf(policies: Policies, type: string): TypePolicy {
  return policies.get(type) ?? { type, ...UNDECLARED_TYPE };
}

/** Returns the policy of a kind of operation; a default one if the kind is not declared. */
export function kindPolicyOf(policy: TypePolicy, kind: string): OperationPolicy {
  return Object.hasOwn(policy.kinds, kind) ? (policy.kinds[kind] ?? UNDECLARED) : UNDECLARED;
}
