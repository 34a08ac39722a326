import type { Change, RefusalCode } from "../../core/change.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Resource } from "../../core/resource.ts";
import { reduceChange } from "../../core/state-machine/reduce-change.ts";
import type { RequestedOperation } from "../access/access.ts";
import { authorizeWrite, requireReadable, type RequestedWrite } from "../access/visibility.ts";
import type { EndpointRequest, EndpointContext } from "../context.ts";
import { Refusal, type RefusalOptions } from "../http/problems.ts";
import { toRefusal } from "../http/refusals.ts";
import { type WriteResponse, fromStoredReply, type IdempotentRequest, toStoredReply } from "../request/idempotency.ts";

/** The change for a request, and its response. */
export interface PlannedWrite {
  readonly change: Change;
  /** Creates the response from the row after the change. */
  readonly response: (after: Resource) => WriteResponse;
  /** The operation to authorize, if only the plan knows it: that of a PATCH, with the merged configuration. @default none begins */
  readonly asked?: RequestedOperation;
}

export interface Write<Prepared> {
  readonly type: ResourceType;
  readonly request: EndpointRequest;
  readonly idempotency: IdempotentRequest | undefined;
  /** True for a new resource, which has no row to read. @default false */
  readonly isNew?: boolean;
  /**
   * Validates the body before the store is read. Not called if the idempotency key has a stored response.
   *
   * @throws Refusal
   */
  readonly prepare: () => Prepared | Promise<Prepared>;
  /** Returns the operation to authorize before the change is planned. @default the plan has it */
  readonly ask?: (prepared: Prepared, before: Resource | undefined) => RequestedOperation;
  /** Plans the change by the stored row. Called again if the row changes before the commit. @throws Refusal */
  readonly decide: (prepared: Prepared, before: Resource | undefined) => PlannedWrite | Promise<PlannedWrite>;
  /** Throws the refusal that an unused id would get, for a row of another owner. */
  readonly onHidden?: RequestedWrite["onHidden"];
  /** Returns the `Retry-After` of a resource in progress, in seconds. */
  readonly retryAfter: (before: Resource) => number | undefined;
}

export interface WriteOutcome {
  readonly response: WriteResponse;
  /** True if the response is a stored one of an earlier request. */
  readonly isReplay: boolean;
  /** The operation that the change starts or concerns. */
  readonly operation?: string;
  /** The operation that was authorized. */
  readonly asked?: RequestedOperation | undefined;
}

const MAX_TRIES = 10;

/**
 * Commits a change with optimistic concurrency: reads, decides and commits, and repeats this if another write was
 * faster. The response for an idempotency key is committed with the change. A write that joins a caller's transaction
 * reads and writes there, and leaves the commit to the caller.
 *
 * @throws Refusal
 */
export async function write<Prepared>(context: EndpointContext, planned: Write<Prepared>): Promise<WriteOutcome> {
  const { transaction } = planned.request.http;
  if (transaction === undefined) return commit(context, planned);
  return context.withinTransaction(transaction, (storage) => commit({ ...context, ...storage }, planned));
}

/** The dependencies of a write. */
type WriteContext = Pick<EndpointContext, "options" | "policies" | "read" | "readReply" | "commit">;

async function commit<Prepared>(context: WriteContext, planned: Write<Prepared>): Promise<WriteOutcome> {
  const { idempotency, prepare, retryAfter } = planned;
  const stored = idempotency === undefined ? undefined : await context.readReply(idempotency);
  if (stored !== undefined && idempotency !== undefined) {
    const response = fromStoredReply(stored, idempotency);
    if (planned.request.principal !== undefined) await authorizeReplay(context, planned);
    return { response, isReplay: true };
  }

  const prepared = await prepare();
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const { before, asked, change, response: createResponse } = await authorizedPlan(context, planned, prepared);
    const reduced = reduceChange(context.policies, before, change);
    if (reduced.code !== undefined) {
      const seconds = before === undefined ? undefined : retryAfter(before);
      throw toRefusal(reduced.code, retryOptions(reduced.code, seconds));
    }
    if (reduced.outcome === "unchanged" && idempotency === undefined && before !== undefined) {
      return { response: createResponse(before), isReplay: false, operation: before.operation.id };
    }
    const storedResponse =
      idempotency === undefined ? undefined : createResponse(expectedRow(change, before, reduced.resource));
    const applied = await context.commit(
      storedResponse === undefined || idempotency === undefined
        ? change
        : { ...change, idempotency: toStoredReply(idempotency, storedResponse) },
    );

    if (applied.outcome === "replayed" && applied.reply !== undefined && idempotency !== undefined) {
      return { response: fromStoredReply(applied.reply, idempotency), isReplay: true };
    }
    if (applied.resource !== undefined && (applied.outcome === "applied" || applied.outcome === "unchanged")) {
      const { resource } = applied;
      return {
        response: storedResponse ?? createResponse(resource),
        isReplay: false,
        operation: resource.operation.id,
        asked,
      };
    }
    // A refusal by the state of the row is decided again by a fresh row. Any other refusal is final.
    if (applied.code !== undefined && !RETRYABLE_CODES.has(applied.code)) {
      throw toRefusal(applied.code, retryOptions(applied.code, undefined));
    }
  }
  throw new Refusal("overloaded", "Other requests keep changing this resource; retry the request.", RETRY_SOON);
}

/** Authorizes a repeated write again. A body that a newer schema rejects was authorized when it was accepted. */
async function authorizeReplay<Prepared>(
  context: WriteContext,
  { type, request, isNew, prepare, ask, onHidden }: Write<Prepared>,
): Promise<void> {
  const row = isNew === true ? undefined : await context.read({ type: type.name, id: request.id });
  let asked: RequestedOperation = isNew === true ? { kind: "create" } : {};
  try {
    asked = ask?.(await prepare(), row) ?? asked;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
  await authorizeWrite(context, { type, request: { ...request, asked }, row, onHidden });
}

/** Reads the row, authorizes the write and plans it, in this order. @throws Refusal */
async function authorizedPlan<Prepared>(
  context: WriteContext,
  { type, request, isNew, ask, decide, onHidden }: Write<Prepared>,
  prepared: Prepared,
): Promise<PlannedWrite & { readonly before: Resource | undefined }> {
  const before = isNew === true ? undefined : await context.read({ type: type.name, id: request.id });
  if (request.principal === undefined) return { ...(await decide(prepared, before)), before };
  const authorize = (asked: RequestedOperation): Promise<void> =>
    authorizeWrite(context, { type, request: { ...request, asked }, row: before, onHidden });
  const asked = ask?.(prepared, before);
  if (asked !== undefined) {
    await authorize(asked);
    return { ...(await decide(prepared, before)), asked, before };
  }
  // The refusals of the plan may reveal the stored row.
  await requireReadable(context, request, before);
  const planned = await decide(prepared, before);
  await authorize(planned.asked ?? {});
  return { ...planned, before };
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
 * Returns the row that the stored response shows. The start of an operation and a change of metadata are conditional on
 * the row that was read, so the reduced row is what is committed. Any other event is not conditional: another event may
 * be committed before it. Its response shows the reduced row, such as the label of a cancelled operation, while the
 * operation is in progress, and the client polls. It never shows an end that may not be the one committed.
 */
function expectedRow(change: Change, before: Resource | undefined, after: Resource | undefined): Resource {
  const isConditional = change.change === "accept" || change.event.event === "annotated";
  const isCertain = isConditional || after?.operation.settledAt === null;
  const resource = isCertain ? after : (before ?? after);
  if (resource === undefined) throw new RangeError("the store returned no row for an applied change");
  return resource;
}

/** Codes of refusals that end soon by themselves, for which the row has no `Retry-After`. */
const SHORT_LIVED_CODES: ReadonlySet<RefusalCode> = new Set(["too-many-in-progress", "too-many-of-owner"]);

/** Codes of refusals that last until the operation in progress is settled. */
const IN_PROGRESS_CODES: ReadonlySet<RefusalCode> = new Set(["operation-in-progress", "delete-in-progress"]);

function retryOptions(code: RefusalCode, seconds: number | undefined): RefusalOptions {
  if (SHORT_LIVED_CODES.has(code)) return RETRY_SOON;
  if (seconds === undefined || !IN_PROGRESS_CODES.has(code)) return {};
  return { headers: ["Retry-After", String(seconds)] };
}
