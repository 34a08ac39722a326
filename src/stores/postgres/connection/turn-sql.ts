import { type TurnStatements, turnStatements } from "../../turns.ts";
import { tableName } from "./statement.ts";

/** Returns the shared statements for the tables of a schema. */
export function turnSql(schema: string): TurnStatements {
  return turnStatements({
    turns: tableName(schema, "turns"),
    resources: tableName(schema, "resources"),
    $: (position) => `$${position}`,
    isIn: (position) => `= any($${position}::text[])`,
  });
}
