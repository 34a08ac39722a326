import { type Client, escapeIdentifier } from "pg";
import { StoreOpenError } from "../../../core/errors.ts";
import type { CopiedTable, CopyTransaction } from "../../copying.ts";
import { number, type RowValues } from "../../values.ts";
import { quotedElement, tableName, unnest } from "../connection/statement.ts";
import { type Catalog, checkCounterparts, FILLED_BY_OPENING } from "./catalog.ts";

/** Creates the transaction of a copy on a connection that has begun it and has taken the locks. */
export function copyTransaction(client: Client, schema: string, catalog: Catalog): CopyTransaction {
  const meta = tableName(schema, "meta");
  const one = async (sql: string, values: readonly string[] = []): Promise<RowValues> => {
    const { rows } = await client.query<unknown[]>({ text: sql, values: [...values], rowMode: "array" });
    return rows[0] ?? [];
  };
  const count = async ({ name }: CopiedTable): Promise<number> =>
    number((await one(`select count(*) from ${tableName(schema, name)}`))[0]);

  /** Advances the sequences, so that later rows get numbers that no row has or had. */
  const continueNumbering = async ({ name: table, lastNumbers = {} }: CopiedTable): Promise<void> => {
    for (const { name, sequence } of catalog.get(table) ?? []) {
      if (sequence === null) continue;
      const column = escapeIdentifier(name);
      await one(
        `select pg_catalog.setval($1, greatest(max(${column}), $2::bigint, 1), max(${column}) is not null or $2::bigint > 0) from ${tableName(schema, table)}`,
        [sequence, String(lastNumbers[name] ?? 0)],
      );
    }
  };

  return {
    count,
    async isCommitted(copy) {
      return (await one(`select value from ${meta} where name = 'copy'`))[0] === copy;
    },
    async check(tables) {
      checkCounterparts(catalog, tables);
      for (const { name } of tables) {
        if (FILLED_BY_OPENING.has(name)) continue;
        const [isFilled] = await one(`select exists (select from ${tableName(schema, name)})`);
        if (isFilled === true) throw notEmpty(schema, name);
      }
    },
    async write(table, rows) {
      if (rows.length === 0) return;
      const types = new Map(catalog.get(table.name)?.map(({ name, type }) => [name, type]));
      const arrays = table.columns.map((name, index) => `$${index + 1}::${types.get(name)}[]`);
      await client.query({
        // The text is the same for each batch of a table, so it is planned once.
        name: `copy ${table.name}`,
        text: `insert into ${tableName(schema, table.name)} (${table.columns.map(escapeIdentifier).join(", ")})
          overriding system value select * from ${unnest(arrays)} on conflict do nothing`,
        values: table.columns.map((name, index) =>
          arrayOf(
            `${table.name}.${name}`,
            rows.map((row) => row[index]),
          ),
        ),
      });
    },
    async complete(copy, tables) {
      for (const table of tables) await continueNumbering(table);
      await one(
        `insert into ${meta} (name, value) values ('copy', $1) on conflict (name) do update set value = excluded.value`,
        [copy],
      );
    },
    async commit() {
      await client.query("commit");
    },
    close: () => client.end().catch(() => {}),
  };
}

function notEmpty(schema: string, table: string): StoreOpenError {
  return new StoreOpenError(
    "store-not-empty",
    `The table ${tableName(schema, table)} has rows already, and a copy would mix with them; name another schema with ?schema=NAME, or drop this one`,
  );
}

/** Returns one column of a batch as a PostgreSQL array literal. */
function arrayOf(column: string, values: readonly unknown[]): string {
  return `{${values.map((value) => elementOf(column, value)).join(",")}}`;
}

function elementOf(column: string, value: unknown): string {
  if (value === null) return "NULL";
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return quotedElement(value);
  throw new TypeError(`${column} holds a ${typeof value}, which cannot be copied`);
}
