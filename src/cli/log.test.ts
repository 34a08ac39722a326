import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { processLog } from "./log.ts";

test("a level that is none is refused with those that are", () => {
  assert.throws(
    () => processLog("loud"),
    /^DefinitionError: AFOOT_LOG_LEVEL: "loud" is no level; use trace, debug, info/,
  );
});

test("lines from the level on are written, errors with their stack", () => {
  const script = `
    import { processLog } from ${JSON.stringify(new URL("log.ts", import.meta.url).href)};
    const log = processLog("warn");
    log.info({ a: 1 }, "left out");
    log.warn({ a: 2 }, "told");
    log.fatal({ error: new Error("broken") }, "ended");`;
  const argv = ["--input-type=module", "--eval", script];
  const { stderr } = spawnSync(process.execPath, argv, { encoding: "utf8" });
  const lines = stderr
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  assert.partialDeepStrictEqual(lines, [
    { level: 40, a: 2, msg: "told" },
    { level: 60, error: { type: "Error", message: "broken" }, msg: "ended" },
  ]);
});
