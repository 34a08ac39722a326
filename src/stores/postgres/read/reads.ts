import type { IdempotentReply } from "../../../core/change.ts";
import type { ReplyKey, StoreTurns } from "../../../core/ports/store.ts";
import { type Resource, type ResourceKey, resourceKeyText } from "../../../core/resource.ts";
import { batch } from "../../../core/scheduling/batch.ts";
import { text } from "../../values.ts";
import type { Connections, Session } from "../connection/connections.ts";
import { arrayOf, arraysOf, columnsOf, type Statement, tableName, unnested } from "../connection/statement.ts";
import { turnSql } from "../connection/turn-sql.ts";
import type { Replies } from "../tables/replies.ts";
import { STORED_COLUMNS, storedOf } from "../tables/resource-table.ts";

/** Reads single rows. Reads of the same event-loop tick are batched into one statement. */
export interface Reads {
  readonly resource: (key: ResourceKey) => Promise<Resource | undefined>;
  readonly byOperation: (operation: string) => Promise<Resource | undefined>;
  readonly reply: (key: ReplyKey) => Promise<IdempotentReply | undefined>;
  readonly turnQueue: StoreTurns["queue"];
}

/** Batches up to the size at which one statement still costs hardly more than a single read. */
const BATCH_OPTIONS = { maxSize: 64, concurrency: 2 };

const KEY = columnsOf({ type: "text", id: "text" });

/** Reads the rows of keys, in the order of the keys. */
export type ResourceReading = (session: Session, keys: readonly ResourceKey[]) => Promise<(Resource | undefined)[]>;

export function createResourceReading(schema: string): ResourceReading {
  const table = tableName(schema, "resources");
  const byKey: Statement = {
    name: "select by key",
    text: `select ${STORED_COLUMNS} from ${unnested(KEY)} w (of_type, of_id) join ${table} on type = w.of_type and id = w.of_id`,
  };
  return async (session, keys) => {
    const rows = await session.run(
      byKey,
      arraysOf(
        "resources",
        KEY,
        keys.map(({ type, id }) => [type, id]),
      ),
    );
    const found = byName(
      rows.map((row) => storedOf(row).resource),
      resourceKeyText,
    );
    return keys.map((key) => found.get(resourceKeyText(key)));
  };
}

export function createReads(schema: string, connections: Connections, replies: Replies): Reads {
  const table = tableName(schema, "resources");
  const readResources = createResourceReading(schema);
  const queue: Statement = { name: "select queue of turn", text: turnSql(schema).queue };
  const byOperation: Statement = {
    name: "select by operation",
    text: `select ${STORED_COLUMNS} from ${table} where operation = any($1::text[])`,
  };

  const readOperations = async (operations: readonly string[]): Promise<(Resource | undefined)[]> => {
    const rows = await connections.run(byOperation, [arrayOf("resources.operation", "text", operations)]);
    const found = byName(
      rows.map((row) => storedOf(row).resource),
      ({ operation }) => operation.id,
    );
    return operations.map((operation) => found.get(operation));
  };
  const readReplies = async (keys: readonly ReplyKey[]): Promise<(IdempotentReply | undefined)[]> => {
    const found = byName(await replies.read(connections, keys), ({ principal, key }) => `${principal}\0${key}`);
    return keys.map(({ principal, key }) => found.get(`${principal}\0${key}`));
  };
  return {
    async turnQueue({ type, turn, at, limit }) {
      return (await connections.run(queue, [type, at, turn, limit])).map(([operation]) => text(operation));
    },
    resource: batch((keys: readonly ResourceKey[]) => readResources(connections, keys), BATCH_OPTIONS),
    byOperation: batch(readOperations, BATCH_OPTIONS),
    reply: batch(readReplies, BATCH_OPTIONS),
  };
}

function byName<Value>(values: readonly Value[], nameOf: (value: Value) => string): ReadonlyMap<string, Value> {
  return new Map(values.map((value) => [nameOf(value), value]));
}
