import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { it, mock } from "node:test";
import { POLICIES } from "../../conformance/store/fixture/types.ts";
import { openDatabase } from "./file/database.ts";
import { createReader } from "./reader/reader.ts";
import { RowCache } from "./reader/row-cache.ts";
import { createTables } from "./tables/tables.ts";
import { createCommit } from "./writer/commit.ts";

/** Statements that read a whole table on purpose: a small one, once at an opening, or up to a limit. */
const WHOLE: readonly RegExp[] = [
  /from durations order by/,
  /from history h join resources/,
  /from replies order by row limit/,
  /^select coalesce\(max/,
  /^select distinct type from turns/,
];

/** A scan of a table or index, except of a query result or an index that contains few rows. */
const FULL = /^SCAN (?!json_each|found|\(subquery|\d)(?!resources USING .*INDEX resources_active)/;

it("reads by an index whatever it reads, and sorts nothing that an index has in order", async () => {
  const folder = await mkdtemp(join(tmpdir(), "afoot-sqlite-"));
  const file = join(folder, "afoot.db");
  const database = openDatabase(file, "0");
  const prepare = mock.method(DatabaseSync.prototype, "prepare");
  createCommit(createTables(database), POLICIES);
  const reader = createReader(file, new RowCache());
  const position = { createdAt: 1, id: "a", type: "widget" };
  for (const statuses of [undefined, ["Ready"]]) {
    for (const owner of [undefined, "team"]) {
      for (const after of [undefined, position]) {
        const optional = {
          ...(statuses && { statuses }),
          ...(owner !== undefined && { owner }),
          ...(after && { after }),
        };
        await reader.list({ type: "widget", limit: 10, ...optional });
        const types = { types: ["gadget", "widget"] };
        const scopes = [owner === undefined ? types : { ...types, owner }];
        const search = { ...(statuses && { statuses }), ...(after && { after }), scopes, limit: 10 };
        await reader.search(search);
        await reader.search({ ...search, text: "a" });
        const found = { type: "widget", limit: 10, ...(owner !== undefined && { owner }) };
        const from = after && { after: { at: 1, id: "a" } };
        await reader.find({ ...found, ...from, metadata: { env: "prod" } });
        await reader.find({ ...found, ...from, updatedAfter: 1 });
      }
    }
  }
  const statements = new Set(prepare.mock.calls.map(({ arguments: [sql] }) => sql));
  prepare.mock.restore();
  reader.close();

  const faults: string[] = [];
  for (const sql of statements) {
    // These may be sorted, because they are few: the rows of one operation, names of types, points of a plot, and rows
    // in progress at an opening.
    const sorts = /from (?:records|received|found|settled|resources indexed by resources_active)\s/.test(sql)
      ? []
      : ["TEMP B-TREE"];
    if (/^(?:insert|pragma)/.test(sql) || WHOLE.some((each) => each.test(sql))) continue;
    const steps = database
      .prepare(`explain query plan ${sql}`)
      .all()
      .map((row) => String(row["detail"]));
    const bad = steps.filter((step) => FULL.test(step) || sorts.some((sort) => step.includes(sort)));
    if (bad.length > 0) faults.push(`${sql}: ${bad.join("; ")}`);
  }
  assert.ok(statements.size > 30, `${statements.size} statements`);
  assert.deepEqual(faults, []);
  database.close();
  await rm(folder, { recursive: true });
});
