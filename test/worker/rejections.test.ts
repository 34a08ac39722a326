import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { suite, test } from "node:test";
import { promisify } from "node:util";
import { startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { send } from "../support/exchange.ts";
import { names, outcomeOf } from "./rejection-app.ts";

const program = join(import.meta.dirname, "embedded-host.ts");

/** The error that clients see of a rejection that was never awaited. */
const failure = (code: string, detail: RegExp) => ({ code, detail });

const outcomes = {
  "a plain error": "caught",
  "a permanent error": "caught",
  "a step with tries": "caught",
  "a sleep": "caught",
  "an until": "caught",
  "a receive": "caught",
  observed: "caught",
  "a used name": "caught",
  "a chain": "caught",
  "a function of its own": "caught",
  "a promise of its own": "caught",
  "a loop over an array": "b,c",
  "a lost race": "fast",
  "allSettled later": "rejected,rejected",
  "never awaited": failure("disk-full", /"forgotten" failed, and the work never awaited it: The disk is full\./),
  "never awaited, plain": failure("internal", /"forgotten" failed, and the work never awaited it\./),
  "a chain never awaited": failure("disk-full", /"first" failed, and the work never awaited it: /),
  "its own, never awaited": failure("disk-full", /A promise in the work was rejected and never awaited: /),
  "its own on a step, never awaited": failure(
    "disk-full",
    /"forgotten" failed, and the work never awaited the promise that waited for it: /,
  ),
  "in a step, never awaited": failure("disk-full", /A promise in "careless" was rejected and never awaited: /),
  "an exception in a timer": failure("disk-full", /The disk is full\./),
  "in an undo, never awaited": failure("undo-incomplete", /careless/),
} as const;

const run = promisify(execFile);
const host = (folder: string, kind: string): ReturnType<typeof run> =>
  run(process.execPath, ["--conditions=@afoot/source", program, folder, kind], { timeout: 60_000 });

function check(name: string, outcome: unknown): void {
  const expected = outcomes[name as keyof typeof outcomes];
  if (typeof expected === "string") {
    assert.equal(outcome, expected, name);
    return;
  }
  const { code, detail } = outcome as { readonly code: string; readonly detail: string };
  assert.equal(code, expected.code, name);
  assert.match(detail, expected.detail, name);
}

suite("rejected promises and uncaught exceptions", () => {
  for (const kind of ["plain", "fastify"]) {
    test(`reach the code that awaits them and never end an embedded app's process (${kind})`, async () => {
      await using folder = await temporaryFolder();
      const { stdout, stderr } = await host(folder.path, kind);
      assert.equal(stderr, "");
      for (const [name, outcome] of Object.entries(JSON.parse(String(stdout)) as object)) check(name, outcome);
    });
  }

  test("reach the code that awaits them under afoot start, also in isolated processes", async () => {
    await using folder = await temporaryFolder();
    const app = join(import.meta.dirname, "rejection-app.ts");
    await using server = await startAfoot({ app, folder: folder.path });
    const headers = { Prefer: "wait=10" };
    const request = async (path: string, method: string, body?: object): Promise<Record<string, unknown>> =>
      (await send(server.origin + path, method, body, headers)).body;
    for (const path of ["/api/reports", "/api/isolated-reports"]) {
      const shown = await Promise.all(names.map(async (name) => [name, await outcomeOf(request, name, path)] as const));
      for (const [name, outcome] of shown) check(name, outcome);
    }
    assert.equal(await server.stop(), 0);
  });

  for (const kind of ["unrelated", "unrelated exception"]) {
    test(`outside of work end the process, as without Afoot (${kind})`, async () => {
      await using folder = await temporaryFolder();
      await assert.rejects(host(folder.path, kind), { code: 1, stdout: "", stderr: /Error: outside of work/ });
    });
  }
});
