import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Consumer } from "./consumer.ts";

const FILES = ["client.ts", "mixed.ts", "run.ts", "api/app.ts", "api/other.ts"];
/** The declarations of the package itself are checked in package.test.ts. */
const OPTIONS = { types: ["node"], skipLibCheck: true };
const COMPILERS = ["typescript", "typescript-5.9"] as const;

/** Interfaces to which a later version may add a member. */
const GROWING = [
  "AppParts",
  "Collection",
  "DeclaredOperation",
  "DeclaredSchema",
  "OperationPolicy",
  "RepresentationOptions",
  "ResourceHandle",
  "ResourceType",
  "ServerOptions",
  "TypePolicy",
  "WorkContext",
];

describe("two installed copies of the package", () => {
  const consumer = new Consumer();
  before(() => {
    consumer.installPackage();
    consumer.install("zod", "fastify", "pg", "@nats-io/jetstream", "@nats-io/transport-node", "react");
    consumer.install("@types/node", "@types/react");
    consumer.copyPackage("api");
    for (const file of FILES) consumer.copyFile(join(import.meta.dirname, "two-copies", file), file);
  });
  after(() => consumer[Symbol.dispose]());

  for (const compiler of COMPILERS) {
    it(`have types that match, with ${compiler}`, () => {
      consumer.check(compiler, ["client.ts", "mixed.ts"], OPTIONS);
    });
  }

  it("work together in one process", () => {
    const argv = ["run.ts", join(consumer.directory, "data.db")];
    const output = execFileSync(process.execPath, argv, { cwd: consumer.directory, encoding: "utf8" });
    assert.equal(output, "192.168.1.10 Stopped\nno-such-system true true\nStopped Stopped\n");
  });

  it("have a client that accepts the app of a later or an earlier version", () => {
    const later = consumer.copyPackage("api");
    for (const folder of [later, join(consumer.directory, "node_modules/afoot")]) {
      addMembers(folder);
      for (const compiler of COMPILERS) consumer.check(compiler, ["client.ts"], OPTIONS);
      consumer.copyPackage("api");
    }
  });
});

/** Adds a required member to the interfaces of a copy, as a later version might. */
function addMembers(copy: string): void {
  const found = new Set<string>();
  const types = join(copy, "dist/types");
  for (const name of readdirSync(types, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".d.ts"),
  )) {
    const path = join(types, name);
    const text = readFileSync(path, "utf8");
    const added = text.replaceAll(/^export interface (\w+)\b[^\n]*\{$/gm, (head, interfaceName: string) => {
      if (!GROWING.includes(interfaceName)) return head;
      found.add(interfaceName);
      return `${head}\n    readonly addedLater: string;`;
    });
    if (added !== text) writeFileSync(path, added);
  }
  assert.deepEqual([...found].toSorted(), GROWING);
}
