import assert from "node:assert/strict";
import { it } from "node:test";
import { COLUMNS } from "../../resource-row.ts";
import { setIndexes, StatementsByColumns } from "./resource-table.ts";

const SET: Readonly<Record<string, string | number>> = { type: "order", edit: 3 };
const rows = [
  { rowId: 1, values: COLUMNS.map(() => null) },
  { rowId: 2, values: COLUMNS.map((name) => SET[name] ?? null) },
];
const create = (): StatementsByColumns =>
  new StatementsByColumns("write", (columns) => columns.map(({ name }) => name).join(" "));

it("writes the columns that one of the rows sets, after the row", () => {
  const [{ text }, parameters] = create().write(setIndexes(rows), rows);
  assert.deepEqual(
    { text, parameters },
    { text: "row type edit", parameters: ["{1,2}", '{NULL,"order"}', "{NULL,3}"] },
  );
});

it("names a statement by its columns alone, whatever was written before", () => {
  const [one, other] = [create(), create()];
  other.write([4], rows);
  const names = [one.write([1, 2], rows), other.write([1, 2], rows), one.write([1, 3], rows)].map(([{ name }]) => name);
  assert.equal(names[0], names[1]);
  assert.notEqual(names[0], names[2]);
});

it("writes all columns once it has many statements, and keeps those it has", () => {
  const statements = create();
  const texts = COLUMNS.map((_, index) => statements.write([index], rows)[0].text);
  assert.ok(texts.slice(0, 32).every((text, index) => text === `row ${COLUMNS[index]}`));
  assert.ok(texts.slice(32).every((text) => text === `row ${COLUMNS.join(" ")}`));
  assert.equal(statements.write([0], rows)[0].text, "row type");
});
