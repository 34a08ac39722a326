import { type AcceptChange, type AcceptRequest, type Change, type ChangeStamp, eventChange } from "../change.ts";
import type { ChildCommand } from "../events.ts";
import { isInProgress } from "../operation.ts";
import type { Resource } from "../resource.ts";
import { tryOf } from "./parent-link.ts";

/** The rows and the instant of a command. */
export interface CommandContext {
  readonly parent: Resource;
  /** The row of the child; a tombstone, or undefined, if there is none. */
  readonly child: Resource | undefined;
  readonly stamp: ChangeStamp;
}

type Create = ChildCommand & { readonly command: "create" };

/**
 * Returns the change of a child that a message of its parent's worker commands; undefined if the child is as commanded
 * already. The store applies it in the transaction of the message, so that neither is ever stored without the other.
 */
export function childChange(command: ChildCommand, context: CommandContext): Change | undefined {
  const { child } = context;
  const isAbsent = child === undefined || child.deletedAt !== null;
  if (command.command === "create") return isAbsent ? create(command, context) : retry(command, child, context);
  return isAbsent ? undefined : deletion(command, child, context);
}

function create(command: Create, { parent, stamp: { at, random } }: CommandContext): Change {
  const { type, id, name, operation, configuration, rawConfiguration, maxInProgress, turn } = command;
  const { owner, operation: made } = parent;
  const depth = (parent.parent?.depth ?? 0) + 1;
  return {
    change: "accept",
    at,
    random,
    key: { type, id },
    expect: "absent",
    operation: {
      id: operation,
      kind: "create",
      configuration,
      rawConfiguration,
      parent: { type: parent.type, id: parent.id, name, depth, madeBy: tryOf(made) },
      ...(owner === null ? {} : { owner }),
      ...(turn === undefined ? {} : { turn }),
      ...sender(parent),
    },
    ...(maxInProgress === undefined ? {} : { maxInProgress }),
  };
}

/** Retries the latest operation of a child, if that did not succeed. A failed delete is not repeated. */
function retry({ operation: id, maxInProgress }: Create, child: Resource, context: CommandContext): Change | undefined {
  const { state, kind, id: retryOf } = child.operation;
  if ((state !== "failed" && state !== "cancelled") || kind === "delete") return undefined;
  const change = begun(child, { id, kind, retryOf }, context);
  return maxInProgress === undefined ? change : { ...change, maxInProgress };
}

function deletion({ operation: id }: ChildCommand, child: Resource, context: CommandContext): Change | undefined {
  const { operation } = child;
  if (!isInProgress(operation)) return begun(child, { id, kind: "delete" }, context);
  if (operation.kind === "delete" || operation.requestedDelete !== null) return undefined;
  const { principal } = sender(context.parent);
  const event = {
    event: "delete-requested",
    operation: id,
    ...(principal === undefined ? {} : { principal }),
  } as const;
  return eventChange({ operation: operation.id }, event, context.stamp);
}

/** Returns the principal and the trace of the parent's operation, for the operation of a child. */
function sender({ operation: { principal, traceparent } }: Resource): Pick<AcceptRequest, "principal" | "traceparent"> {
  return { ...(principal === null ? {} : { principal }), ...(traceparent === null ? {} : { traceparent }) };
}

/** Begins an operation of a settled child. */
function begun(
  child: Resource,
  operation: AcceptRequest,
  { parent, stamp: { at, random } }: CommandContext,
): AcceptChange {
  const { type, id, creation, edit, parent: link } = child;
  const { turn } = child.operation;
  const madeBy = tryOf(parent.operation);
  return {
    change: "accept",
    at,
    random,
    key: { type, id },
    expect: { creation, edit },
    operation: {
      ...operation,
      ...sender(parent),
      ...(turn === null ? {} : { turn }),
      ...(link === null ? {} : { parent: { ...link, madeBy } }),
    },
  };
}

/**
 * Returns the change that informs a parent after a change of its child: the child is settled, or gone. It belongs into
 * the same transaction, so that no wake-up is lost.
 */
export function parentChange(before: Resource | undefined, after: Resource, stamp: ChangeStamp): Change | undefined {
  const { parent, type, id, operation, deletedAt } = after;
  if (parent === null || isInProgress(operation)) return undefined;
  const wasSettled = before !== undefined && !isInProgress(before.operation);
  if (wasSettled && before.operation.id === operation.id && before.deletedAt === deletedAt) return undefined;
  const isFailed = operation.state !== "succeeded";
  return eventChange({ type: parent.type, id: parent.id }, { event: "child-settled", type, id, isFailed }, stamp);
}
