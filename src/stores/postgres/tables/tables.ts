import type { Policies } from "../../../core/policy.ts";
import type { Session } from "../connection/connections.ts";
import { createHistory, type History } from "./history.ts";
import { createListEntries, type ListEntries } from "./list-entries.ts";
import { createReceived, type Received } from "./received.ts";
import { createRecords, type Records } from "./records.ts";
import { createReplies, type Replies } from "./replies.ts";
import { createResourceWriting, type ResourceWriting } from "./resource-table.ts";
import { createTurns, type Turns } from "./turns.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

/** The statements of each table. */
export interface StoreTables {
  readonly resources: ResourceWriting;
  readonly history: History;
  readonly records: Records;
  readonly received: Received;
  readonly listEntries: ListEntries;
  readonly replies: Replies;
  readonly turns: Turns;
}

export function createStoreTables(schema: string, policies: Policies): StoreTables {
  return {
    resources: createResourceWriting(schema),
    history: createHistory(schema),
    records: createRecords(schema),
    received: createReceived(schema),
    listEntries: createListEntries(schema, policies),
    replies: createReplies(schema),
    turns: createTurns(schema, policies),
  };
}

/** Sends the writes of a transaction. Rows come first, so that transactions wait for each other in the same order. */
export function writesOf(tables: StoreTables, session: Session, unitOfWork: UnitOfWork): Promise<unknown>[] {
  const { writes } = unitOfWork;
  return [
    ...tables.resources.write(session, unitOfWork),
    ...tables.replies.write(session, writes),
    ...tables.history.write(session, writes),
    ...tables.records.write(session, writes),
    ...tables.received.write(session, writes),
    ...tables.listEntries.write(session, unitOfWork),
    ...tables.turns.write(session, writes),
  ];
}
