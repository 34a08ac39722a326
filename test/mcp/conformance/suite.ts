import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { it } from "node:test";
import { APPLICABLE } from "./scenarios.ts";

const SUITE = resolve("node_modules/@modelcontextprotocol/conformance/dist/index.js");
export const APP = join(import.meta.dirname, "app.ts");

interface Outcome {
  readonly code: number | string | null | undefined;
  readonly output: string;
}

/** Runs a command of the official suite. */
export async function suite(...argv: readonly string[]): Promise<Outcome> {
  const { promise, resolve: done } = Promise.withResolvers<Outcome>();
  // Undefined for success.
  execFile(process.execPath, [SUITE, ...argv], { maxBuffer: 10_000_000 }, (error, stdout, stderr) => {
    done({ code: error?.code ?? 0, output: stdout + stderr });
  });
  return promise;
}

/** Runs a scenario of the official suite, unchanged, and requires that every check passes. */
async function passes(scenario: string, origin: string): Promise<void> {
  const { code, output } = await suite("server", "--url", `${origin}/mcp`, "--scenario", scenario);
  const [, passed, of, failed, warnings] = /Passed: (\d+)\/(\d+), (\d+) failed, (\d+) warnings/.exec(output) ?? [];
  assert.ok(code === 0 && Number(of) > 0 && passed === of && failed === "0" && warnings === "0", output);
}

/** Declares a test for each scenario that applies. */
export function passesAll(origin: () => string): void {
  for (const scenario of APPLICABLE) it(`passes ${scenario}`, () => passes(scenario, origin()));
}
