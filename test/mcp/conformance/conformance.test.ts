import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { type AfootProcess, startAfoot, temporaryFolder } from "../../support/afoot-process.ts";
import { postgresMissing, type PostgresServer, startPostgres } from "../../support/postgres.ts";
import { alternate, type Alternating } from "../support/alternate.ts";
import { APPLICABLE, NOT_APPLICABLE } from "./scenarios.ts";

const SUITE = resolve("node_modules/@modelcontextprotocol/conformance/dist/index.js");
const APP = join(import.meta.dirname, "app.ts");

interface Outcome {
  readonly code: number | string | null | undefined;
  readonly output: string;
}

async function suite(...argv: readonly string[]): Promise<Outcome> {
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

function passesAll(origin: () => string): void {
  for (const scenario of APPLICABLE) it(`passes ${scenario}`, () => passes(scenario, origin()));
}

const missing = await postgresMissing();

describe("the official conformance suite", () => {
  it("has no scenario that is neither run nor known not to apply", async () => {
    const { output } = await suite("list", "--server");
    const known = [...output.matchAll(/^ {2}- ([a-z0-9-]+)/gm)].map(([, name = ""]) => name);
    assert.deepEqual(known.toSorted(), [...APPLICABLE, ...Object.keys(NOT_APPLICABLE)].toSorted());
  });

  describe("against an app on SQLite", () => {
    let folder: Awaited<ReturnType<typeof temporaryFolder>>;
    let app: AfootProcess;
    before(async () => {
      folder = await temporaryFolder();
      app = await startAfoot({ app: APP, folder: folder.path });
    });
    after(async () => {
      await app[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    });

    passesAll(() => app.origin);
  });

  describe("against two nodes on PostgreSQL, in turns", { skip: missing }, () => {
    let server: PostgresServer;
    let nodes: readonly AfootProcess[];
    let both: Alternating;
    before(async () => {
      server = await startPostgres();
      const start = () => startAfoot({ app: APP, flags: ["--store", server.url] });
      nodes = [await start(), await start()];
      both = await alternate(nodes.map(({ origin }) => origin));
    });
    after(async () => {
      await both[Symbol.asyncDispose]();
      for (const node of nodes) await node[Symbol.asyncDispose]();
      await server.remove();
    });

    passesAll(() => both.origin);

    it("was answered by both", () => {
      assert.ok(
        both.counts.every((count) => count > 50),
        both.counts.join(", "),
      );
    });
  });
});
