import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type AfootProcess, startAfoot } from "../../support/afoot-process.ts";
import { postgresMissing, type PostgresServer, startPostgres } from "../../support/postgres.ts";
import { alternate, type Alternating } from "../support/alternate.ts";
import { APP, passesAll } from "./suite.ts";

describe(
  "the official conformance suite against two nodes on PostgreSQL, in turns",
  { skip: await postgresMissing() },
  () => {
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
  },
);
