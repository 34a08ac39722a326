import { DatabaseSync } from "node:sqlite";
import type { IdempotentReply } from "../../../core/change.ts";
import type { DurationSamples } from "../../../core/ports/statistics.ts";
import type {
  HistoryQuery,
  ReplyKey,
  SequencedHistoryEntry,
  StoredType,
  TurnQuery,
  UnclaimedPage,
  UnclaimedQuery,
} from "../../../core/ports/store.ts";
import type { Resource, ResourceKey, StepRecord } from "../../../core/resource.ts";
import { COLUMN_LIST, resourceOf } from "../../resource-row.ts";
import { type RowValues, text } from "../../values.ts";
import { prepareRows } from "../file/statement.ts";
import { createDurationReading } from "../tables/durations.ts";
import { createHistoryReading } from "../tables/history.ts";
import { createRecordReading } from "../tables/records.ts";
import { createReplyReading } from "../tables/replies.ts";
import { createSettledReading, type SettledReading } from "../tables/settled.ts";
import { TURN_SQL } from "../tables/turns.ts";
import { createDueReading, type DueReading } from "./due.ts";
import { createListReading, type ListReading } from "./list.ts";
import type { RowCache } from "./row-cache.ts";
import { createStatusCounting, type StatusCounting } from "./status-counts.ts";
import { createTypeReading } from "./types.ts";
import { createUnclaimedReading } from "./unclaimed.ts";

/** The reading half of the store. */
export interface Reader extends DueReading, ListReading {
  readonly turnQueue: (query: TurnQuery) => readonly string[];
  readonly resource: (key: ResourceKey) => Resource | undefined;
  readonly resourceByOperation: (operation: string) => Resource | undefined;
  readonly reply: (key: ReplyKey) => IdempotentReply | undefined;
  readonly statusCounts: StatusCounting;
  readonly settledCounts: SettledReading;
  readonly types: () => StoredType[];
  readonly history: (query: HistoryQuery) => SequencedHistoryEntry[];
  readonly records: (root: string) => StepRecord[];
  readonly durations: () => DurationSamples[];
  readonly claimedOperations: (workers: readonly string[] | undefined) => Resource[];
  readonly unclaimedInProgress: (query: UnclaimedQuery) => UnclaimedPage;
  readonly close: () => void;
}

/** Reads on a separate connection, which sees every commit once it has ended. */
export function createReader(path: string, rows: RowCache): Reader {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 1000 });
  database.exec("pragma cache_size = -32768");
  const select = `select ${COLUMN_LIST} from resources`;
  const byKey = prepareRows(database, `${select} where type = ? and id = ?`);
  const byOperation = prepareRows(database, `${select} where operation = ?`);
  const claimed = prepareRows(database, `${select} where worker is not null and next_deadline_at is not null`);
  const claimedBy = prepareRows(database, `${select} where worker = ? and next_deadline_at is not null`);
  const records = createRecordReading(database);
  const queue = prepareRows(database, TURN_SQL.queue);
  const stored = ({ type, id }: ResourceKey): Resource | undefined => resourceOrNone(byKey.get(type, id));

  return {
    resource: (key) => rows.read(key, stored),
    resourceByOperation: (operation) => resourceOrNone(byOperation.get(operation)),
    reply: createReplyReading(database),
    ...createListReading(database),
    statusCounts: createStatusCounting(database),
    settledCounts: createSettledReading(database),
    types: createTypeReading(database),
    history: createHistoryReading(database),
    records,
    durations: createDurationReading(database),
    claimedOperations: (workers) =>
      (workers === undefined ? claimed.all() : workers.flatMap((worker) => claimedBy.all(worker))).map(resourceOf),
    unclaimedInProgress: createUnclaimedReading(database),
    ...createDueReading(database, records),
    turnQueue: ({ type, turn, at, limit }) => queue.all(type, at, turn, limit).map(([operation]) => text(operation)),
    close: () => database.close(),
  };
}

function resourceOrNone(row: RowValues | undefined): Resource | undefined {
  return row === undefined ? undefined : resourceOf(row);
}
