import type { DatabaseSync } from "node:sqlite";
import type { IdempotentReply } from "../../../core/change.ts";
import type { Policies } from "../../../core/policy.ts";
import type { DurationSamples, SettledCount } from "../../../core/ports/statistics.ts";
import type { ReplyKey } from "../../../core/ports/store.ts";
import type { Resource } from "../../../core/resource.ts";
import { createMeta, type Meta } from "../file/meta.ts";
import { createDurationWriting } from "./durations.ts";
import { createHistoryWriting, type HistoryWriting } from "./history.ts";
import { countInProgress, type InProgress } from "./in-progress.ts";
import { createReceived, type Received } from "./received.ts";
import { createRecords, type Records } from "./records.ts";
import { createReplyReading, createReplyWriting } from "./replies.ts";
import { createResources, type Resources } from "./resources.ts";
import { createRowWriting } from "./row-writing.ts";
import { createSettledWriting } from "./settled.ts";
import { createTurns, type Turns } from "./turns.ts";
import { createUndoLog, type UndoLog } from "./undo-log.ts";

/** The tables and counters of the write thread, as one transaction sees them. */
export interface Tables {
  readonly database: DatabaseSync;
  readonly meta: Meta;
  readonly resources: Resources;
  readonly history: HistoryWriting;
  readonly records: Records;
  readonly received: Received;
  readonly turns: Turns;
  readonly reply: (key: ReplyKey) => IdempotentReply | undefined;
  readonly saveReply: (reply: IdempotentReply, at: number) => void;
  readonly saveDurations: (samples: DurationSamples) => void;
  readonly addSettled: (count: SettledCount) => void;
  readonly inProgress: InProgress;
  /** The newest claim of each worker. */
  readonly claims: Map<string, number>;
  readonly undoLog: UndoLog;
  /** Writes and forgets the cached rows, before a statement that may change any of them. */
  readonly beginChangeOfAllRows: () => void;
}

/** Callbacks for a concurrent reader, called before the commit. */
export interface TablesListener {
  /** Called with every changed row. */
  readonly onPut: (resource: Resource) => void;
  /** Called when any row may change. */
  readonly onChangeOfAllRows: () => void;
}

const NO_READER: TablesListener = { onPut: () => {}, onChangeOfAllRows: () => {} };

/** @param policies the types that list their changes. @default none */
export function createTables(
  database: DatabaseSync,
  listener: TablesListener = NO_READER,
  policies: Policies = new Map(),
): Tables {
  const undoLog = createUndoLog();
  const meta = createMeta(database);
  const resources = createResources(database, listener.onPut, createRowWriting(database, policies));
  return {
    database,
    meta,
    resources,
    history: createHistoryWriting(database, Number(meta.get("next_sequence") ?? 1)),
    records: createRecords(database),
    received: createReceived(database),
    turns: createTurns(database),
    reply: createReplyReading(database),
    saveReply: createReplyWriting(database),
    saveDurations: createDurationWriting(database),
    addSettled: createSettledWriting(database),
    inProgress: countInProgress(database, undoLog),
    claims: new Map(),
    undoLog,
    beginChangeOfAllRows() {
      resources.flush();
      resources.forget();
      listener.onChangeOfAllRows();
    },
  };
}
