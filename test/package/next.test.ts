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

  it("serves the API beside its pages", async () => {
    const port = await freePort();
    await using server = new Started(["--no-install", "next", "start", "-p", `${port}`], consumer.directory);
    await printReport(new URL(await server.url()).origin);
  });
});
