import assert from "node:assert/strict";
import { cpSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { disguisedPaths, statusOf } from "../support/disguised-paths.ts";
import { freePort } from "../support/free-port.ts";
import { printReport } from "../support/print-report.ts";
import { Consumer, run, Started } from "./consumer.ts";

const EXAMPLE = resolve(import.meta.dirname, "../../examples/hosts/next");

/** A rule of the application for the path of a collection. It applies to requests of the second test. */
const RULE = `
import { type NextRequest, NextResponse } from "next/server";

export function proxy(request: NextRequest): NextResponse {
  const isRuled = request.headers.get("x-ruled") !== null && request.nextUrl.pathname.startsWith("/api/reports");
  return isRuled ? new NextResponse(null, { status: 401 }) : NextResponse.next();
}
`;

/** The header line of requests to which the rule applies. */
const RULED = "X-Ruled: yes\r\n";

describe("the package in a Next.js application", { timeout: 240_000 }, () => {
  const consumer = new Consumer();
  before(() => {
    cpSync(EXAMPLE, consumer.directory, { recursive: true });
    writeFileSync(join(consumer.directory, "proxy.ts"), RULE);
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

  it("serves no other form of a path for which the application has a rule", async () => {
    const port = await freePort();
    await using server = new Started(["--no-install", "next", "start", "-p", `${port}`], consumer.directory);
    await server.url();
    assert.equal(await statusOf(port, "/api/reports"), "200");
    assert.equal(await statusOf(port, "/api/reports", RULED), "401");
    const statuses = await Promise.all(
      disguisedPaths("reports").map(async (target) => [target, await statusOf(port, target, RULED)] as const),
    );
    assert.deepEqual(
      // Next.js itself responds with 500 to the target *.
      statuses.filter(([, status]) => status.startsWith("2")),
      [],
    );
  });
});
