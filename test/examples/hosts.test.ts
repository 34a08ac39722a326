import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import { temporaryFolder } from "../support/afoot-process.ts";
import { freePort } from "../support/free-port.ts";
import { printReport } from "../support/print-report.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** The programs of the examples, with the options of Node that they need. */
const SERVERS: Readonly<Record<string, readonly string[]>> = {
  fastify: [],
  express: [],
  hono: [],
  nest: ["--import", "./test/support/decorators.mjs"],
};

describe("a server of your own", () => {
  for (const [host, options] of Object.entries(SERVERS)) {
    it(`serves an app in ${host}, and answers waiting requests before it stops`, { timeout: 60_000 }, async () => {
      await using folder = await temporaryFolder();
      const child = spawn(
        process.execPath,
        ["--conditions=@afoot/source", ...options, `examples/hosts/${host}/server.ts`],
        {
          cwd: ROOT,
          env: { ...process.env, PORT: String(await freePort()), DATABASE: join(folder.path, "reports.db") },
          stdio: ["ignore", "pipe", "inherit"],
        },
      );
      const ended = once(child, "exit");
      try {
        const origin = await firstLine(child);
        assert.deepEqual(await (await fetch(origin)).json(), { reports: "/api/reports" });
        for (const page of ["/readyz", "/docs", "/dashboard"]) {
          assert.equal((await fetch(origin + page)).status, 200, page);
        }
        const settled = await printReport(origin);
        const waiting = fetch(settled.url, { headers: { "If-None-Match": settled.tag, Prefer: "wait=60" } });
        await fetch(settled.url);
        child.kill("SIGTERM");
        assert.equal((await waiting).status, 304);
        // Nest ends its process by the signal that it received.
        assert.deepEqual(await ended, host === "nest" ? [null, "SIGTERM"] : [0, null]);
      } finally {
        child.kill("SIGKILL");
      }
    });
  }
});

/** Reads the address that the server prints once it listens. */
async function firstLine({ stdout }: ChildProcess): Promise<string> {
  assert.ok(stdout);
  for await (const line of createInterface(stdout)) {
    stdout.resume();
    return line;
  }
  throw new Error("the server ended before it listened");
}

describe("docs/hosts.md", () => {
  it("quotes the example files exactly", async () => {
    const guide = await readFile(join(ROOT, "docs/hosts.md"), "utf8");
    const quoted = [...guide.matchAll(/```tsx?\n\/\/ (examples\/hosts\/\S+)\n(.*?)```/gs)];
    for (const [, path = "", code] of quoted) assert.equal(code, await readFile(join(ROOT, path), "utf8"), path);
    const files = globSync("examples/hosts/*/**/*.{ts,tsx}", { cwd: ROOT, exclude: ["**/node_modules", "**/.next"] });
    const own = files.filter((path) => !path.endsWith("layout.tsx"));
    assert.deepEqual(new Set(quoted.map(([, path]) => path)), new Set(own));
  });
});
