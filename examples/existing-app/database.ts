import { integer, pgTable, text } from "drizzle-orm/pg-core";
import { Pool } from "pg";

export const pool = new Pool({ connectionString: process.env["DATABASE_URL"] ?? "postgres://localhost/shop" });

/** The invoices of all tenants. `export` is the id of the resource that renders the invoice. */
export const invoices = pgTable("invoices", {
  id: text().primaryKey(),
  tenant: text().notNull(),
  customer: text().notNull(),
  cents: integer().notNull(),
  export: text().notNull(),
});

const CREATE_TABLES = `
  create table if not exists invoices (
    id text primary key,
    tenant text not null,
    customer text not null,
    cents integer not null,
    export text not null
  )`;

/** Creates the tables. A lock lets one of several instances do so. */
export async function createTables(): Promise<void> {
  await pool.query(`begin; select pg_advisory_xact_lock(4711); ${CREATE_TABLES}; commit`);
}
