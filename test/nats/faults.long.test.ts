import assert from "node:assert/strict";
import { it } from "node:test";
import { faultRun } from "../faults/fault-run.ts";
import { natsMissing } from "../support/nats.ts";
import { natsFleet } from "./fleet.ts";

it(
  "keeps every promise while NATS is killed and cut off, and servers and workers too",
  { skip: natsMissing() },
  async (context) => {
    const { faults, ...counts } = await faultRun({ resources: 120, kills: 8, start: natsFleet });
    context.diagnostic(JSON.stringify(counts));
    assert.deepEqual(faults, []);
  },
);
