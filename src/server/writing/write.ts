import type { Change, RefusalCode } from "../../core/change.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Resource } from "../../core/resource.ts";
import { reduceChange } from "../../core/state-machine/reduce-change.ts";
import { readVisible } from "../access/visibility.ts";
import type { EndpointRequest, EndpointContext } from "../context.ts";
import { Refusal } from "../http/problems.ts";
import {
  type WriteResponse,
  fromStoredReply,
  idempotencyKeyReused,
  type IdempotentRequest,
  toStoredReply,
} from "../request/idempotency.ts";

/** A change that a request asks for, given what is stored, and how it is answered. */
export interface PlannedWrite {
  readonly change: Change;
  /** The answer, given the row after the change. */
  readonly response: (after: Resource) => WriteResponse;
}

export interface Write<Prepared> {
  readonly type: ResourceType;
  readonly request: EndpointRequest;
  readonly idempotency: IdempotentRequest | undefined;
  /** Whether a row is there to be read first; a new resource has none. */
  readonly isNew?: boolean;
  /** Reads what the client sent, before the store is touched; but after an answer given before, which stays the answer. @throws Refusal */
  readonly prepare: () => Prepared | Promise<Prepared>;
  /** What to do, given what is stored. Called again where the row has changed before the commit. @throws Refusal */
  readonly decide: (prepared: Prepared, before: Resource | undefined) => PlannedWrite | Promise<PlannedWrite>;
  /** May refuse what belongs to somebody else as it would refuse what is not there. */
  readonly onHidden?: () => void;
  /** When to come back to a resource that is in progress, in seconds. */
  readonly retryAfter: (before: Resource) => number | undefined;
}

export interface WriteOutcome {
  readonly response: WriteResponse;
  /** The answer was given before. */
  readonly isReplay: boolean;
  /** The operation that the change began or concerns. */
  readonly operation?: string;
}

const MAX_TRIES = 10;

/**
 * Commits a change that is conditional on the row that was read, so that no update is lost: read, decide, commit, and all over
 * again where another was faster. The answer to an Idempotency-Key is committed with it.
 *
 * @throws Refusal
 */
export async function write<Prepared>(context: EndpointContext, asked: Write<Prepared>): Promise<WriteOutcome> {
  const { type, request, idempotency: repeatable, isNew, prepare, decide, onHidden, retryAfter } = asked;
  const given = repeatable === undefined ? undefined : await context.readReply(repeatable);
  if (given !== undefined && repeatable !== undefined)
    return { response: fromStoredReply(given, repeatable), isReplay: true };

  const prepared = await prepare();
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const before = isNew === true ? undefined : await readVisible(context, type, request, onHidden);
    const { change, response: answer } = await decide(prepared, before);
    const folded = reduceChange(context.policies, before, change);
    if (folded.code !== undefined) {
      throw toRefusal(folded.code, type, before === undefined ? undefined : retryAfter(before));
    }
    if (folded.outcome === "unchanged" && repeatable === undefined && before !== undefined) {
      return { response: answer(before), isReplay: false, operation: before.operation.id };
    }
    const kept = repeatable === undefined ? undefined : answer(expectedRow(change, before, folded.resource));
    const applied = await context.commit(
      kept === undefined || repeatable === undefined
        ? change
        : { ...change, idempotency: toStoredReply(repeatable, kept) },
    );

    if (applied.outcome === "replayed" && applied.reply !== undefined && repeatable !== undefined) {
      return { response: fromStoredReply(applied.reply, repeatable), isReplay: true };
    }
    if (applied.resource !== undefined && (applied.outcome === "applied" || applied.outcome === "unchanged")) {
      const { resource } = applied;
      return { response: kept ?? answer(resource), isReplay: false, operation: resource.operation.id };
    }
    // Refused for what the row is: read again, and the fresh row tells. Refused for anything else: that is the answer.
    if (applied.code !== undefined && !RETRYABLE_CODES.has(applied.code)) throw toRefusal(applied.code, type);
  }
  throw new Refusal("overloaded", "Others change this resource all the time; send the request again.", RETRY_SOON);
}

const RETRYABLE_CODES: ReadonlySet<RefusalCode> = new Set([
  "resource-not-found",
  "resource-exists",
  "edit-mismatch",
  "operation-in-progress",
  "settled",
  "delete-in-progress",
]);

const RETRY_SOON = { headers: ["Retry-After", "1"] };

/**
 * The row that the kept answer shows. What begins an operation is conditional on the row that was read, so that the fold of
 * that row is what is committed. An event is not: its answer shows the row before it, in progress, which is true in any case
 * and leads the client to poll.
 */
function expectedRow(change: Change, before: Resource | undefined, after: Resource | undefined): Resource {
  const resource = change.change === "accept" ? after : (before ?? after);
  if (resource === undefined) throw new RangeError("an applied change has a row");
  return resource;
}

/** A refusal of the store or the core, in the words of HTTP. */
function toRefusal(code: RefusalCode, { name }: ResourceType, seconds?: number): Refusal {
  const options = seconds === undefined ? {} : { headers: ["Retry-After", String(seconds)] };
  switch (code) {
    case "resource-not-found":
      return new Refusal(code, `There is no ${name} of this id.`);
    case "resource-exists":
      return new Refusal("precondition-failed", `There is a ${name} of this id already.`);
    case "operation-in-progress":
      return new Refusal(
        code,
        "Another operation of this resource is in progress; wait until it is settled, or cancel it.",
        options,
      );
    case "edit-mismatch":
      return new Refusal("precondition-failed", "The resource has changed since it was read.");
    case "settled":
      return new Refusal(code, "No operation of this resource is in progress.");
    case "delete-in-progress":
      return new Refusal(code, "The resource is being deleted, which cannot be cancelled.", options);
    case "operation-too-large":
      return new Refusal(code, "The operation holds as much as its type allows; it can take no more.");
    case "too-many-in-progress":
      return new Refusal(
        code,
        `As many resources of the type ${name} are in progress as it allows; try again later.`,
        RETRY_SOON,
      );
    case "too-many-of-owner":
      return new Refusal(
        "too-many-in-progress",
        "As many resources that belong to you are in progress as may be; wait until some are settled, or cancel them.",
        RETRY_SOON,
      );
    case "idempotency-key-reused":
      return idempotencyKeyReused();
    case "not-external":
      return new Refusal(
        code,
        `The operation in progress is not done by outside processes; ${name} declares work for it.`,
      );
    case "operation-claimed":
      return new Refusal(code, "A worker has claimed the operation; what others say of it does not count.");
    case "unknown-status":
      return new Refusal("internal", "The server failed to answer; the reason is in its log.");
  }
}
