import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import type { Consumer } from "./consumer.ts";

/** The compiler of this repository, and the oldest one that the declarations support. */
export type Compiler = "typescript" | "typescript-5.9";

/** Tests of the declarations. The consumer has zod and app.ts, the README's app. */
export function typeChecks(consumer: Consumer, compiler: Compiler): void {
  it("type-checks the README's app", () => {
    consumer.check(compiler, ["app.ts"]);
  });

  it("type-checks a client in another package of a monorepo, which imports only types", () => {
    consumer.build(compiler, "client", join(import.meta.dirname, "monorepo"));
    const client = readFileSync(join(consumer.directory, "monorepo/client/dist/client.js"), "utf8");
    assert.deepEqual(client.match(/(?<=from ")[^"]+/g), ["afoot/client"]);
  });

  it("declares the types of every entry", () => {
    const { exports, peerDependencies } = JSON.parse(
      readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
    ) as { exports: Record<string, unknown>; peerDependencies: Record<string, string> };
    // A project that imports an entry with a peer dependency has installed it.
    consumer.install("@types/node", "@types/react", ...Object.keys(peerDependencies));
    const entries = Object.keys(exports).filter((entry) => !entry.endsWith(".json"));
    const lines = entries.map((entry, index) => `export type * as entry${index} from "afoot${entry.slice(1)}";\n`);
    consumer.write("entries.ts", lines.join(""));
    consumer.check(compiler, ["entries.ts"], { types: ["node"] });
  });
}
