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
    const { request, states, accepted, missing } = examplesOf(machine);
    assert.deepEqual(missing, []);
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

  it("have the form of the representation, including defaults of the schema", () => {
    const { request, states, missing } = examplesOf(order);
    assert.deepEqual(missing, []);
    assert.deepEqual(Object.keys(request), ["newOrder"]);
    const { value } = states["in-packing"] as { value: Record<string, unknown> };
    assert.equal(value["progress"], 0.5);
    assert.equal(value["estimatedTimeRemaining"], 900);
    assert.equal(value["createdAt"], "2026-01-31T12:00:00.000Z");
    assert.equal((value["configuration"] as Record<string, unknown>)["express"], false);
  });

  it("have distinct names if the labels differ only in case", () => {
    const { states } = examplesOf(orderHistory);
    assert.deepEqual(Object.keys(states), ["inProgressDone", "done"]);
    assert.match(JSON.stringify(states["inProgressDone"]), /"estimatedTimeRemaining":"PT15M"/);
  });

  it("are omitted if no value can be generated, with a message that says what to do", () => {
    const odd = z.string().refine((text) => text === "open sesame", "says no");
    const { states, request, missing } = thing(z.object({ word: odd }));
    assert.deepEqual({ states, request }, { states: {}, request: {} });
    assert.equal(missing.length, 1);
    assert.match(missing[0] ?? "", /^thing: configuration: .*word: says no.*examples/);

    const declared = thing(z.object({ word: odd.meta({ examples: ["open sesame"] }) }));
    assert.deepEqual(declared.missing, []);
    assert.deepEqual(declared.request["newThing"]?.value, { configuration: { word: "open sesame" } });

    const detailsOnly = thing(z.object({}), z.object({ word: odd }));
    assert.deepEqual(Object.keys(detailsOnly.states), ["doing"]);
    assert.match(detailsOnly.missing[0] ?? "", /^thing: details: /);
  });

  it("are also generated from a schema with asynchronous validation", () => {
    const later = z.object({ word: z.string() }).refine(async () => false, "too late to matter here");
    assert.deepEqual(thing(later).request["newThing"]?.value, { configuration: { word: "string" } });
  });
});
