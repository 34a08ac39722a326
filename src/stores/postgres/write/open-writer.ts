import type { Policies } from "../../../core/policy.ts";
import type { Clock } from "../../../core/scheduling/clock.ts";
import type { Connections } from "../connection/connections.ts";
import type { Settings } from "../connection/options.ts";
import type { StoreTables } from "../tables/tables.ts";
import { createTurnClaims } from "../turns/turn-claims.ts";
import { createApplying } from "./apply.ts";
import { createBatchReading } from "./batch-reading.ts";
import { createClaiming } from "./claim.ts";
import { createDue } from "./due.ts";
import { createInsertNew } from "./insert-new.ts";
import { createRowNumbers } from "./row-numbers.ts";
import { createWriter, type Writer } from "./writer.ts";

/** Maximum number of concurrent groups of changes: while one is synced to disk, the next are applied. */
const MAX_CONCURRENT_GROUPS = 4;

export interface OpenWriterOptions {
  readonly settings: Settings;
  readonly policies: Policies;
  readonly connections: Connections;
  readonly tables: StoreTables;
  readonly clock: Pick<Clock, "monotonic">;
}

export function openWriter({ settings, policies, connections, tables, clock }: OpenWriterOptions): Writer {
  const { schema, maxConnections } = settings;
  const rowNumbers = createRowNumbers(schema);
  const readBatch = createBatchReading({ schema, tables, rowNumbers, policies });
  const insertNew = createInsertNew({ schema, connections, rowNumbers, policies, listEntries: tables.listEntries });
  return createWriter({
    applying: createApplying({ connections, tables, readBatch, insertNew, policies, clock }),
    claiming: createClaiming({
      ...{ connections, tables, policies },
      due: createDue(schema),
      turnClaims: createTurnClaims(schema, tables.turns.limits),
    }),
    maxConcurrentGroups: Math.max(1, Math.min(MAX_CONCURRENT_GROUPS, Math.floor(maxConnections / 2))),
  });
}
