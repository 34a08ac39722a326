import { isInProgress, nextDeadlineAt } from "../../../src/core/operation.ts";
import { type Resource, resourceKeyText, shownConfiguration, shownDetails } from "../../../src/core/resource.ts";
import { DELIVERY_TYPE } from "../../../src/core/webhooks/delivery-changes.ts";
import { rowsOfTurn } from "../store/claiming.ts";
import type { MemoryDatabase } from "../store/database.ts";
import { TURN_LIMIT } from "../system/types.ts";
import type { Violations } from "./violations.ts";

/** Maximum number of webhooks to one host at a time. */
const MAX_REQUESTS_PER_HOST = 10;

/** A state of a resource, as a representation shows it. */
export interface ShownState {
  readonly version: number;
  readonly isSettled: boolean;
  readonly text: string;
}

/** The final state of an operation. */
export interface SettledOperation {
  readonly id: string;
  readonly root: string;
  readonly type: string;
  readonly kind: string;
  readonly state: string;
  readonly code: string | undefined;
  /** True if the delete that was requested meanwhile began in the same change. */
  readonly isReplaced: boolean;
}

/** Checks each committed change of a row, and keeps what the other checks compare with. */
export class RowChecks {
  readonly #violations: Violations;
  readonly #database: MemoryDatabase;
  /** The states of each resource, oldest first. */
  readonly states = new Map<string, ShownState[]>();
  readonly settled = new Map<string, SettledOperation>();
  /** Number of changes so far, the instant of the other checks. */
  commits = 0;
  /** The commit of each claim, by operation and attempt. */
  readonly claimedAt = new Map<string, number>();

  constructor(database: MemoryDatabase, violations: Violations) {
    this.#database = database;
    this.#violations = violations;
    database.onChange.add((before, after) => this.#onChange(before, after));
  }

  #onChange(before: Resource | undefined, after: Resource): void {
    this.commits++;
    const key = resourceKeyText(after);
    const states = this.states.get(key) ?? [];
    this.states.set(key, states);
    const { operation, version, deletedAt } = after;
    states.push({ version, isSettled: !isInProgress(operation), text: deletedAt === null ? shownText(after) : "gone" });
    if (before !== undefined) this.#checkChange(key, before, after);
    if (operation.worker !== null && operation.worker !== before?.operation.worker) {
      this.claimedAt.set(`${operation.id}/${operation.attempt}`, this.commits);
      this.#checkTurn(after);
    }
    if (!isInProgress(operation)) this.#keepSettled(after);
    this.#checkProgress(key, after);
  }

  #checkChange(key: string, before: Resource, after: Resource): void {
    const { check } = this.#bound;
    const detail = (): string => `${key}: ${textOf(before)} -> ${textOf(after)}`;
    check(after.version >= before.version, "a version never goes back", detail);
    const isShownAnew = shownText(before) !== shownText(after);
    check(!isShownAnew || after.version > before.version, "a visible change has a new version", detail);
    check(after.creation !== before.creation || after.edit >= before.edit, "the edit version never goes back", detail);
    check(after.creation !== before.creation || after.owner === before.owner, "an owner is kept", detail);
    const [from, to] = [before.operation, after.operation];
    if (from.id !== to.id) {
      // A DELETE ends an operation that no worker has claimed, and begins its own in the same change.
      check(
        !isInProgress(from) || to.kind === "delete",
        "an accepted operation is not replaced before its end",
        detail,
      );
      if (isInProgress(from)) this.settled.set(from.id, this.#replacedEnd(key, before));
      return;
    }
    check(isInProgress(from) || from.state === to.state, "a settled operation stays settled", detail);
    check(to.attempt === from.attempt || to.attempt === from.attempt + 1, "attempts grow by one", detail);
    const isHandedOver = from.worker !== null && to.worker !== null && from.worker !== to.worker;
    check(!isHandedOver, "one attempt has one claimant", detail);
    const isSameAttempt = to.attempt === from.attempt && to.worker !== null;
    check(!isSameAttempt || (to.progress ?? 0) >= (from.progress ?? 0), "progress grows within an attempt", detail);
  }

  /** Returns the end of an operation that its successor replaced in the same change, from the history. */
  #replacedEnd(key: string, before: Resource): SettledOperation {
    const { rows, sequencesOf, entries } = this.#database;
    const { id } = before.operation;
    const sequences = [...(sequencesOf.get(rows.get(key)?.rowId ?? 0) ?? [])];
    const ends = sequences
      .flatMap((sequence) => entries.get(sequence)?.entry ?? [])
      .filter((entry) => entry.operation === id && ENDS.has(entry.event));
    this.#violations.check(ends.length === 1, "an operation has one end", () => `${key} ${id}: ${ends.length}`);
    const { event = "unknown", error } = ends[0] ?? {};
    return { ...settledOf(before, event), code: error?.code, isReplaced: true };
  }

  /** An operation in progress is due, claimed, or waits for something; its limits are always watched. */
  #checkProgress(key: string, { operation }: Resource): void {
    const { dueAt, worker, state } = operation;
    const advances = dueAt !== null || worker !== null || state === "waiting" || state === "undoing";
    this.#violations.check(
      !isInProgress(operation) || (nextDeadlineAt(operation) !== null && (advances || state === "running")),
      "an operation in progress is never stuck",
      () => `${key} ${operation.id} ${state}`,
    );
  }

  #checkTurn({ type, operation: { turn } }: Resource): void {
    if (turn === null) return;
    const claimed = rowsOfTurn(this.#database, type, turn).filter(
      ({ resource }) => resource?.operation.worker !== null,
    );
    this.#violations.check(
      claimed.length <= (type === DELIVERY_TYPE ? MAX_REQUESTS_PER_HOST : TURN_LIMIT),
      "a limit of turns is kept",
      () => `${claimed.length} operations of ${type} with the turn ${turn} are claimed`,
    );
  }

  #keepSettled(resource: Resource): void {
    const { operation } = resource;
    if (!this.settled.has(operation.id)) this.settled.set(operation.id, settledOf(resource, operation.state));
  }

  get #bound(): { check: Violations["check"] } {
    return { check: this.#violations.check.bind(this.#violations) };
  }
}

const ENDS: ReadonlySet<string> = new Set(["succeeded", "failed", "cancelled"]);

function settledOf({ type, error, operation }: Resource, state: string): SettledOperation {
  const { id, root, kind } = operation;
  return { id, root, type, kind, state, code: error?.code, isReplaced: false };
}

function textOf({ version, edit, status, operation }: Resource): string {
  const { id, kind, state, attempt, worker } = operation;
  return `version ${version}, edit ${edit}, ${status}, ${kind} ${id} ${state}, attempt ${attempt} of ${worker ?? "none"}`;
}

const shownTexts = new WeakMap<Resource, string>();

/** Everything of a row that a representation shows, without instants. */
function shownText(resource: Resource): string {
  const known = shownTexts.get(resource);
  if (known !== undefined) return known;
  const { status, error, operation, metadata } = resource;
  const { progress, settledAt } = operation;
  const text = JSON.stringify({
    status,
    configuration: parsed(shownConfiguration(resource)),
    progress: settledAt === null && progress !== null ? `${Math.min(99, Math.floor(progress * 100 + 1e-9))}%` : null,
    error: error?.code ?? null,
    details: parsed(shownDetails(resource)),
    metadata: parsed(metadata ?? "{}"),
  });
  shownTexts.set(resource, text);
  return text;
}

function parsed(text: string): unknown {
  return JSON.parse(text);
}
