import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { createProcessLog } from "./log.ts";

test("rejects an unknown level and lists the valid ones", () => {
  assert.throws(
    () => createProcessLog("loud"),
    /^DefinitionError: AFOOT_LOG_LEVEL: "loud" is not a log level; use trace, debug, info/,
  );
});

test("writes lines at or above the level, errors with their stack", () => {
  const script = `
    import { createProcessLog } from ${JSON.stringify(new URL("log.ts", import.meta.url).href)};
    const log = createProcessLog("warn");
    log.info({ a: 1 }, "left out");
    log.warn({ a: 2 }, "warned");
    log.fatal({ error: new Error("broken\\n{\\"level\\":60}"), "a\\n": "\\r\\n\\u2028\\u001B[2J" }, "ended");`;
  const argv = ["--input-type=module", "--eval", script];
  const { stderr } = spawnSync(process.execPath, argv, { encoding: "utf8" });
  const lines = stderr
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly level: number });
  assert.equal(lines.length, 2, "a text of a client begins no line of its own");
  assert.ok(!stderr.includes("\u001B"), "nor controls the terminal");
  // A fatal line is written synchronously, so it may overtake the lines before it.
  assert.partialDeepStrictEqual(
    lines.toSorted((one, other) => one.level - other.level),
    [
      { level: 40, a: 2, msg: "warned" },
      { level: 60, error: { type: "Error", message: 'broken\n{"level":60}' }, msg: "ended" },
    ],
  );
});
