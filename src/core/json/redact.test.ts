import assert from "node:assert/strict";
import { test } from "node:test";
import { type } from "arktype";
import { z } from "zod";
import { defineResource } from "../definition/define-resource.ts";
import { containsField, redacted, withoutFields, withoutSecrets } from "./redact.ts";
import { validate } from "./schema.ts";

const PATHS = [["password"], ["database", "password"], ["users", "key"]] as const;

const SENT = {
  name: "n",
  password: "hunter2",
  database: { host: "h", password: { old: "before", now: "after" } },
  users: [{ id: 1, key: "k1" }, { id: 2 }],
};

const details = z.object({ ip: z.string() });
const rest = {
  name: "thing",
  details,
  statuses: { ready: "Ready" },
  create: { status: "Making", external: true },
} as const;

test("redacted fields are removed everywhere, and nothing else is", () => {
  const shown = { name: "n", database: { host: "h" }, users: [{ id: 1 }, { id: 2 }] };
  assert.deepEqual(JSON.parse(redacted(JSON.stringify(SENT), PATHS)), shown);
  assert.deepEqual(withoutFields(SENT, []), SENT);
  assert.deepEqual(withoutFields(["a", null], PATHS), ["a", null]);
  assert.equal(SENT.password, "hunter2", "what is passed in stays");
});

test("containsField finds a redacted field, whatever its value", () => {
  for (const value of [{ password: null }, { database: { password: "" } }, { users: [{ id: 1 }, { key: "" }] }]) {
    assert.equal(containsField(value, PATHS), true, JSON.stringify(value));
  }
  for (const value of [
    undefined,
    "password",
    { name: "password" },
    { database: null },
    { users: [], host: { password: 1 } },
  ]) {
    assert.equal(containsField(value, PATHS), false, JSON.stringify(value));
  }
});

test("no validation error quotes a part of a secret, and other errors stay as they are", async () => {
  const schema = type({ name: "string > 3", password: "/^[0-9]+$/", "pin?": "9999 <= number <= 99999" });
  const sent = { name: "abc", password: "hunter2-is-mine", pin: 1234 };
  const { issues = [] } = await validate(schema, sent);
  assert.match(
    JSON.stringify(issues),
    /hunter2-is-mine.*1234|1234.*hunter2-is-mine/,
    "arktype quotes what it was given",
  );
  const shown = withoutSecrets(issues, sent, [["password"], ["pin"]]);
  assert.doesNotMatch(JSON.stringify(shown), /hunter|mine|1234/);
  assert.deepEqual(
    shown.find(({ pointer }) => pointer === "/name"),
    issues.find(({ pointer }) => pointer === "/name"),
  );
  assert.deepEqual(
    shown.map(({ pointer }) => pointer),
    issues.map(({ pointer }) => pointer),
  );
  const cut = [{ pointer: "", detail: 'was {"password":"hunte...' }];
  assert.doesNotMatch(withoutSecrets(cut, sent, [["password"]])[0]?.detail ?? "", /hunte/);
  const clean = [{ pointer: "/password", detail: "has to have 20 characters" }];
  assert.deepEqual(withoutSecrets(clean, sent, [["password"]]), clean, "other errors keep their detail");
});

const configuration = z.object({
  name: z.string(),
  password: z.string(),
  database: z.object({ host: z.string(), password: z.string().optional() }),
  users: z.array(z.object({ id: z.int(), key: z.string() })),
});

test("the schema of what is sent marks them, and of what is shown it does not know them", () => {
  const { configuration: declared, policy } = defineResource({
    ...rest,
    configuration,
    redact: ["password", "database.password", "users.key"],
  });
  assert.deepEqual(policy.redact, PATHS);
  const { input, output } = declared;
  assert.match(
    JSON.stringify(input),
    /"password":\{"type":"string","writeOnly":true\}.*"key":\{"type":"string","writeOnly":true\}/,
  );
  assert.doesNotMatch(JSON.stringify(output), /password|"key"/);
  assert.deepEqual(output["required"], ["name", "database", "users"]);
  assert.deepEqual(input["required"], ["name", "password", "database", "users"]);
});

test("alternatives and references are followed, and what else refers there stays as it is", () => {
  const secret = z.object({ token: z.string(), note: z.string() }).meta({ id: "Secret" });
  const either = z.object({
    hidden: z.union([secret, z.object({ kind: z.literal("none"), token: z.string().optional() })]),
    open: secret,
  });
  const { output } = defineResource({ ...rest, configuration: either, redact: ["hidden.token"] }).configuration;
  const { hidden, open } = output["properties"] as Record<string, object>;
  assert.doesNotMatch(JSON.stringify(hidden), /token/);
  assert.match(JSON.stringify(hidden), /note.*none/);
  assert.deepEqual(open, { $ref: "#/$defs/Secret" });
  assert.match(JSON.stringify(output["$defs"]), /token/);
});

test("a field that the schema does not declare is an error that names it", () => {
  for (const name of ["passwort", "database.passwort", "name.first", "password.", ""]) {
    assert.throws(
      () => defineResource({ ...rest, configuration, redact: ["password", name as "password"] }),
      new RegExp(`thing: redact\\[1\\]: .*declares no field ${JSON.stringify(name).replaceAll(".", String.raw`\.`)}`),
    );
  }
});
