import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { freePort } from "../support/free-port.ts";
import { printReport } from "../support/print-report.ts";
import { Consumer, run, Started } from "./consumer.ts";

const EXAMPLE = resolve(import.meta.dirname, "../../examples/hosts/next");

describe("the package in a Next.js application", { timeout: 240_000 }, () => {
  const consumer = new Consumer();
  before(() => {
    cpSync(EXAMPLE, consumer.directory, { recursive: true });
    consumer.installPackage();
    run("npx", ["--no-install", "next", "build"], consumer.directory);
  });
  after(() => consumer[Symbol.dispose]());

  it("serves the API and the dashboard beside its pages, and answers waiting requests before it stops", async () => {
    const port = await freePort();
    await using server = new Started(["--no-install", "next", "start", "-p", `${port}`], consumer.directory);
    const { origin } = new URL(await server.url());
    const settled = await printReport(origin);
    const page = await (await fetch(`${origin}/dashboard/overview`)).text();
    assert.match(page, /name="afoot-api" content="\/api"/);

    const waiting = fetch(settled.url, { headers: { "If-None-Match": settled.tag, Prefer: "wait=60" } });
    await fetch(settled.url);
    await server.stop();
    assert.equal((await waiting).status, 304);
  });
});
