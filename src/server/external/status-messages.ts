import type { EventChange } from "../../core/change.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { isJsonObject } from "../../core/json/json.ts";
import type { ArrivedMessage, StatusVerdict } from "../../core/ports/broker.ts";
import type { Log } from "../../core/ports/log.ts";
import type { StatusMessage } from "../../core/ports/messages.ts";
import type { Applied, Store } from "../../core/ports/store.ts";
import type { Resource, ResourceKey } from "../../core/resource.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { Commit } from "../storage/commit.ts";
import type { CourseObserver } from "../telemetry/operation-observer.ts";
import { checkedMessage, InvalidMessageError } from "./message-check.ts";
import type { OutsideMessage } from "./message-check.ts";
import { outsideEvent } from "./status-event.ts";
import { refusalOf, type Refused, refusedFor } from "./status-refusals.ts";

export interface StatusMessagesParts {
  readonly types: readonly ResourceType[];
  readonly store: Pick<Store, "read">;
  readonly commit: Commit;
  readonly clock: Clock;
  readonly log: Log;
  readonly course: Pick<CourseObserver, "said">;
}

/** How many status messages came to what, since the start. */
export interface StatusCounts {
  readonly applied: number;
  readonly refused: number;
}

/** Takes what outside processes say of resources, whatever carried it. */
export interface StatusMessages {
  /** Commits what can be applied, together, and says of each what came of it. Rejects where nothing could be committed. */
  readonly take: (messages: readonly ArrivedMessage[]) => Promise<readonly StatusVerdict[]>;
  readonly counts: () => StatusCounts;
}

const LATER: StatusVerdict = { verdict: "later" };

export function createStatusMessages({
  types,
  store,
  commit,
  clock,
  log,
  course,
}: StatusMessagesParts): StatusMessages {
  const byName = new Map(types.map((type) => [type.name, type]));
  const counts = { applied: 0, refused: 0 };

  const changeOf = async (arrived: ArrivedMessage): Promise<EventChange | StatusVerdict> => {
    const checked = check(arrived);
    if ("verdict" in checked) return checked;
    const key = keyOf(checked);
    const type = byName.get(key.type);
    if (type === undefined) return undeclared(key);
    const now = clock.now();
    const isDeleted = checked.type === "dev.afoot.succeeded" && (await isBeingDeleted(key, type));
    const event = await outsideEvent({ message: checked, type, isDeleted, arrived, now });
    if ("verdict" in event) return event;
    return { change: "event", target: key, event, at: now, random: clock.random() };
  };

  const isBeingDeleted = async (key: ResourceKey, { operations }: ResourceType): Promise<boolean> => {
    if (operations.get("delete")?.policy.external !== true) return false;
    const [row] = await store.read([key]);
    return row?.operation.kind === "delete";
  };

  /** Where there is such a resource, another version of the app declares its type. */
  const undeclared = async (key: ResourceKey): Promise<StatusVerdict> => {
    const [row] = await store.read([key]);
    return row === undefined ? refusedFor("resource-not-found") : LATER;
  };

  const tell = (arrived: ArrivedMessage | undefined, verdict: StatusVerdict, resource: Resource | undefined): void => {
    if (arrived === undefined) return;
    const { message, at } = arrived;
    course.said({ message: isSigned(message) ? message : undefined, verdict: verdict.verdict, resource, at });
    if (verdict.verdict === "applied") counts.applied += 1;
    if (verdict.verdict !== "refused") return;
    counts.refused += 1;
    const { code, detail } = verdict;
    log.warn(
      { ...namesOf(message), code, detail, refused: counts.refused },
      "a status message can never be applied; it is passed over",
    );
  };

  return {
    async take(messages) {
      const changes = await Promise.all(messages.map(changeOf));
      const committed = await commit(changes.filter((each) => "change" in each));
      let next = 0;
      return changes.map((each, index) => {
        const applied = "change" in each ? committed[next++] : undefined;
        const verdict = "change" in each ? verdictOf(applied) : each;
        tell(messages[index], verdict, applied?.resource);
        return verdict;
      });
    },
    counts: () => ({ ...counts }),
  };
}

function check({ message, key }: ArrivedMessage): OutsideMessage | Refused {
  try {
    const checked = checkedMessage("status", message);
    // Who may write to an address may speak of the resource that it names, and of no other.
    if (key === undefined || `${key.type}/${key.id}` === checked.subject) return checked;
    const detail = `was addressed to ${key.type}/${key.id}`;
    return refusedFor("validation", [{ pointer: "/subject", detail }]);
  } catch (error) {
    if (error instanceof InvalidMessageError) return refusedFor("validation", error.issues);
    throw error;
  }
}

function keyOf({ subject }: OutsideMessage): ResourceKey {
  const slash = subject.indexOf("/");
  return { type: subject.slice(0, slash), id: subject.slice(slash + 1) };
}

function verdictOf(applied: Applied | undefined): StatusVerdict {
  if (applied === undefined) throw new RangeError("the store gave no result for a change");
  if (applied.outcome === "applied") return { verdict: "applied" };
  return applied.code === undefined ? { verdict: "unchanged" } : refusalOf(applied.code);
}

function isSigned(message: unknown): message is Pick<StatusMessage, "type" | "traceparent"> {
  return isJsonObject(message) && KINDS.has(message["type"]) && typeof (message["traceparent"] ?? "") === "string";
}

const KINDS: ReadonlySet<unknown> = new Set(
  ["progress", "succeeded", "failed", "received"].map((kind) => `dev.afoot.${kind}`),
);

/** By what a sender finds its message again. */
function namesOf(message: unknown): object {
  if (typeof message !== "object" || message === null) return {};
  const { id, source, subject, type }: { id?: unknown; source?: unknown; subject?: unknown; type?: unknown } = message;
  const named = Object.entries({ id, source, subject, type });
  return { message: Object.fromEntries(named.filter(([, value]) => typeof value === "string")) };
}
