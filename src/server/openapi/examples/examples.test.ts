import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { machine, order, orderHistory } from "../../../../test/contract/types.ts";
import { defineResource } from "../../../core/definition/define-resource.ts";
import { examplesOf } from "./examples.ts";

const work = (): never => {
  throw new Error("no worker runs here");
};

function thing(configuration: z.ZodType, details: z.ZodType = z.object({})): ReturnType<typeof examplesOf> {
  return examplesOf(
    defineResource({
      name: "thing",
      configuration,
      details,
      statuses: { ready: "Done" },
      create: { status: "Doing", work },
    }),
  );
}

describe("the examples of a type", () => {
  it("are those of the pattern", () => {
    const configuration = { os: "Linux", ram: "16GB", storage: "256GB SSD" };
    const { request, states, accepted, missing: faults } = examplesOf(machine);
    assert.deepEqual(faults, []);
    assert.deepEqual(request, { newVM: { value: { configuration } } });
    assert.deepEqual(Object.keys(states), ["provisioning", "ready"]);
    assert.deepEqual(states["provisioning"]?.value, {
      id: "67890",
      status: "Provisioning",
      configuration,
      progress: "50%",
      estimatedTimeRemaining: "15 minutes",
    });
    assert.deepEqual(states["ready"]?.value, {
      id: "67890",
      status: "Ready",
      configuration,
      IPAddress: "192.168.1.10",
    });
    assert.deepEqual(accepted["provisioning"]?.value, { id: "67890", status: "Provisioning", configuration });
  });

  it("are written as the representation is, with what the schema fills in", () => {
    const { request, states, missing: faults } = examplesOf(order);
    assert.deepEqual(faults, []);
    assert.deepEqual(Object.keys(request), ["newOrder"]);
    const { value } = states["in-packing"] as { value: Record<string, unknown> };
    assert.equal(value["progress"], 0.5);
    assert.equal(value["estimatedTimeRemaining"], 900);
    assert.equal(value["createdAt"], "2026-01-31T12:00:00.000Z");
    assert.equal((value["configuration"] as Record<string, unknown>)["express"], false);
  });

  it("have two names where the labels are one but for their case", () => {
    const { states } = examplesOf(orderHistory);
    assert.deepEqual(Object.keys(states), ["inProgressDone", "done"]);
    assert.match(JSON.stringify(states["inProgressDone"]), /"estimatedTimeRemaining":"PT15M"/);
  });

  it("are left out where no value can be made, and that is said, with what to do", () => {
    const odd = z.string().refine((text) => text === "open sesame", "says no");
    const { states, request, missing: faults } = thing(z.object({ word: odd }));
    assert.deepEqual({ states, request }, { states: {}, request: {} });
    assert.equal(faults.length, 1);
    assert.match(faults[0] ?? "", /^thing: configuration: .*word: says no.*examples/);

    const told = thing(z.object({ word: odd.meta({ examples: ["open sesame"] }) }));
    assert.deepEqual(told.missing, []);
    assert.deepEqual(told.request["newThing"]?.value, { configuration: { word: "open sesame" } });

    const detailsOnly = thing(z.object({}), z.object({ word: odd }));
    assert.deepEqual(Object.keys(detailsOnly.states), ["doing"]);
    assert.match(detailsOnly.missing[0] ?? "", /^thing: details: /);
  });

  it("come from a schema that validates later too", () => {
    const later = z.object({ word: z.string() }).refine(async () => false, "too late to matter here");
    assert.deepEqual(thing(later).request["newThing"]?.value, { configuration: { word: "string" } });
  });
});
