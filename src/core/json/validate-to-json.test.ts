import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { validateToJson } from "./validate-to-json.ts";

const schema = z.object({
  size: z.number().overwrite((size) => (size === 0 ? Infinity : size)),
  tag: z.string().default("a"),
});

test("a valid value is encoded with its defaults", async () => {
  const validated = await validateToJson(schema, { size: 1 });
  assert.deepEqual(validated, { value: { size: 1, tag: "a" }, text: '{"size":1,"tag":"a"}' });
});

test("an invalid value has issues below the pointer", async () => {
  const { issues } = await validateToJson(schema, { size: "1" }, "/configuration");
  assert.deepEqual(
    issues?.map(({ pointer }) => pointer),
    ["/configuration/size"],
  );
});

test("a value that the schema turns into one without JSON is an issue", async () => {
  const { issues } = await validateToJson(schema, { size: 0 }, "/configuration");
  assert.deepEqual(issues, [
    { pointer: "/configuration/size", detail: "Infinity cannot be represented in JSON; use null or a string" },
  ]);
});
