import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

test("every planted fault applies to the sources", () => {
  const patches = readdirSync(import.meta.dirname).filter((file) => file.endsWith(".patch"));
  assert.ok(patches.length >= 20, `${patches.length} patches`);
  for (const patch of patches) {
    const { status, stderr } = spawnSync("git", ["apply", "--check", join(import.meta.dirname, patch)], {
      cwd: join(import.meta.dirname, "../../.."),
      encoding: "utf8",
    });
    assert.equal(
      status,
      0,
      `${patch}: ${stderr}\nChange the patch with the code: it plants a fault for the simulation.`,
    );
  }
});
