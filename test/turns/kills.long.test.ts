import assert from "node:assert/strict";
import { it } from "node:test";
import { postgresMissing } from "../support/postgres.ts";
import { turnsRun } from "./turns-run.ts";

it(
  "two nodes never run more than the limit of a tenant at once, over two kills",
  { skip: await postgresMissing() },
  async (context) => {
    const { faults, ...counts } = await turnsRun({ resources: 150, tenants: 5, nodes: 2, kills: 2, limit: 2 });
    context.diagnostic(JSON.stringify(counts));
    assert.deepEqual(faults, []);
    assert.equal(counts.most, 2);
  },
);
