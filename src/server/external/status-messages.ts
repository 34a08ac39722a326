import { type EventChange, eventChange, stampOf } from "../../core/change.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { isJsonObject } from "../../core/json/json.ts";
import type { ArrivedMessage, RefusedMessage, StatusMessageResult } from "../../core/ports/broker.ts";
import type { Log } from "../../core/ports/log.ts";
import type { StatusMessage } from "../../core/ports/messages.ts";
import { type ApplyResult, type Store, requireResult } from "../../core/ports/store.ts";
import { type Resource, type ResourceKey, resourceKeyText } from "../../core/resource.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { Commit } from "../storage/commit.ts";
import type { OperationTelemetry } from "../telemetry/operation-telemetry.ts";
import { checkedMessage, InvalidMessageError } from "./message-check.ts";
import type { CheckedStatusMessage } from "./message-check.ts";
import { statusEvent } from "./status-event.ts";
import { refusalOf, refusalFor } from "./status-refusals.ts";

export interface StatusMessagesParts {
  readonly types: readonly ResourceType[];
  readonly store: Pick<Store, "read">;
  readonly commit: Commit;
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Pick<OperationTelemetry, "onStatusMessage">;
}

/** Number of status messages by result, since the start. */
export interface StatusCounts {
  readonly applied: number;
  readonly refused: number;
}

/** Applies status messages of external processes, independent of the transport. */
export interface StatusMessages {
  /** Commits all applicable messages together and resolves to the result of each. Rejects if nothing could be committed. */
  readonly apply: (messages: readonly ArrivedMessage[]) => Promise<readonly StatusMessageResult[]>;
  readonly counts: () => StatusCounts;
}

const DISCARDED = "discarding a status message that can never be applied";
const LATER: StatusMessageResult = { result: "later" };

export function createStatusMessages({
  types,
  store,
  commit,
  clock,
  log,
  telemetry,
}: StatusMessagesParts): StatusMessages {
  const byName = new Map(types.map((type) => [type.name, type]));
  const counts = { applied: 0, refused: 0 };

  const changeOf = async (arrived: ArrivedMessage): Promise<EventChange | StatusMessageResult> => {
    const checked = check(arrived);
    if ("result" in checked) return checked;
    const key = keyOf(checked);
    const type = byName.get(key.type);
    if (type === undefined) return undeclared(key);
    const now = clock.now();
    const isDeleted = checked.type === "dev.afoot.succeeded" && (await isBeingDeleted(store, key, type));
    const event = await statusEvent({ message: checked, type, isDeleted, arrived, now }).catch(failedCheck);
    if (!("event" in event)) return event;
    return eventChange(key, event, stampOf(clock, now));
  };

  /** If the resource exists, another version of the app declares its type. */
  const undeclared = async (key: ResourceKey): Promise<StatusMessageResult> => {
    const [row] = await store.read([key]);
    return row === undefined ? refusalFor("resource-not-found") : LATER;
  };

  /** A schema that throws would otherwise fail the other messages of the batch too, at every delivery. */
  const failedCheck = (error: unknown): RefusedMessage => {
    log.error({ error }, "failed to validate a status message; a schema of its type threw an error");
    return refusalFor("internal");
  };

  const recordResult = (
    arrived: ArrivedMessage | undefined,
    result: StatusMessageResult,
    resource: Resource | undefined,
  ): void => {
    if (arrived === undefined) return;
    const { message, at } = arrived;
    const known = hasKnownType(message) ? message : undefined;
    telemetry.onStatusMessage({ message: known, result: result.result, resource, at });
    if (result.result === "applied") counts.applied += 1;
    if (result.result !== "refused") return;
    counts.refused += 1;
    const { code, detail } = result;
    log.warn({ ...identityOf(message), code, detail, refused: counts.refused }, DISCARDED);
  };

  return {
    async apply(messages) {
      const changes = await Promise.all(messages.map(changeOf));
      const committed = await commit(changes.filter((each) => "change" in each));
      let next = 0;
      return changes.map((each, index) => {
        const applied = "change" in each ? committed[next++] : undefined;
        const result = "change" in each ? resultOf(requireResult(applied), messages[index], byName) : each;
        recordResult(messages[index], result, applied?.resource);
        return result;
      });
    },
    counts: () => ({ ...counts }),
  };
}

async function isBeingDeleted(
  store: StatusMessagesParts["store"],
  key: ResourceKey,
  { operations }: ResourceType,
): Promise<boolean> {
  if (operations.get("delete")?.policy.external !== true) return false;
  const [row] = await store.read([key]);
  return row?.operation.kind === "delete";
}

function check({ message, key, unreadable }: ArrivedMessage): CheckedStatusMessage | RefusedMessage {
  if (unreadable !== undefined) return { result: "refused", ...unreadable };
  try {
    const checked = checkedMessage("status", message);
    // Permission to write to an address only covers the resource named by it.
    if (key === undefined || resourceKeyText(key) === checked.subject) return checked;
    const detail = `was addressed to ${resourceKeyText(key)}`;
    return refusalFor("validation", [{ pointer: "/subject", detail }]);
  } catch (error) {
    if (error instanceof InvalidMessageError) return refusalFor("validation", error.issues);
    throw error;
  }
}

function keyOf({ subject }: CheckedStatusMessage): ResourceKey {
  const slash = subject.indexOf("/");
  return { type: subject.slice(0, slash), id: subject.slice(slash + 1) };
}

function resultOf(
  { outcome, code, resource }: ApplyResult,
  arrived: ArrivedMessage | undefined,
  types: ReadonlyMap<string, ResourceType>,
): StatusMessageResult {
  if (outcome === "applied") return { result: "applied" };
  // A message that settled its operation is redelivered if its acknowledgement was lost.
  if (code === "settled" && arrived?.isRepeated === true) return { result: "unchanged" };
  // The app's own work is starting the process. It leaves the operation to the process within moments.
  if (code === "operation-claimed" && resource !== undefined && hasWork(resource, types)) return LATER;
  return code === undefined ? { result: "unchanged" } : refusalOf(code);
}

function hasWork({ type, operation }: Resource, types: ReadonlyMap<string, ResourceType>): boolean {
  return types.get(type)?.operations.get(operation.kind)?.work !== undefined;
}

function hasKnownType(message: unknown): message is Pick<StatusMessage, "type" | "traceparent"> {
  return isJsonObject(message) && KINDS.has(message["type"]) && typeof (message["traceparent"] ?? "") === "string";
}

const KINDS: ReadonlySet<unknown> = new Set(
  ["progress", "succeeded", "failed", "received"].map((kind) => `dev.afoot.${kind}`),
);

/** Returns the fields by which a sender identifies its message. */
function identityOf(message: unknown): object {
  if (typeof message !== "object" || message === null) return {};
  const { id, source, subject, type }: { id?: unknown; source?: unknown; subject?: unknown; type?: unknown } = message;
  const named = Object.entries({ id, source, subject, type });
  return { message: Object.fromEntries(named.filter(([, value]) => typeof value === "string")) };
}
