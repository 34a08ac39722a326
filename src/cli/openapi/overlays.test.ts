import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { machine, order, TYPES } from "../../../test/contract/types.ts";
import { defineResource } from "../../core/definition/define-resource.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { openapiDocument } from "../../server/openapi/document.ts";
import { serverOptions, type ServerOptions } from "../../server/options.ts";
import type { OverlayAction } from "./overlay.ts";
import { createOverlay, type OverlayName } from "./overlays.ts";

function updates(
  name: OverlayName,
  types: readonly ResourceType[],
  given: Partial<ServerOptions> = {},
): ReadonlyMap<string, OverlayAction["update"]> {
  const options = serverOptions(given);
  const document = openapiDocument({ types, options });
  const { actions } = createOverlay(name, { types, basePath: options.basePath, document });
  return new Map(actions.map(({ target, update }) => [target, update]));
}

interface Polling {
  readonly name: string;
  readonly failureCriteria?: readonly { readonly condition: string; readonly context?: string }[];
  readonly successCriteria: readonly { readonly condition: string; readonly context?: string }[];
}

describe("the overlay for Speakeasy", () => {
  it("maps the requests of a type to its entity, with a second step that waits", () => {
    const found = updates("speakeasy", [machine]);
    const operations = [...found].flatMap(([target, update]) => {
      const operation = update["x-speakeasy-entity-operation"];
      return operation === undefined
        ? []
        : [[target.replace("$.paths['/api/virtual-machines", ""), operation] as const];
    });
    const waits = (verb: string, name: string): object => ({
      entityOperation: `VirtualMachine#${verb}#2`,
      options: { polling: { name } },
    });
    assert.deepEqual(operations, [
      ["'].post", "VirtualMachine#create"],
      ["/{id}'].patch", "VirtualMachine#update"],
      ["/{id}'].delete", "VirtualMachine#delete"],
      [
        "/{id}'].get",
        [
          "VirtualMachine#read",
          waits("create", "WaitForReady"),
          waits("update", "WaitForReady"),
          waits("delete", "WaitForDeleted"),
        ],
      ],
    ]);
  });

  it("marks the schemas of bodies, by the names that the document gave them", () => {
    const entities = [...updates("speakeasy", TYPES)].flatMap(([target, update]) => {
      const entity = update["x-speakeasy-entity"];
      return typeof entity === "string" ? [`${target} ${entity}`] : [];
    });
    for (const expected of [
      "$.components.schemas.VirtualMachine VirtualMachine",
      "$.components.schemas.NewVirtualMachine VirtualMachine",
      "$.components.schemas.Problem Problem",
    ]) {
      assert.ok(entities.includes(expected), expected);
    }
    assert.ok(!entities.some((entity) => entity.includes("Problem2")), "an error is no entity");
  });

  it("ends polling by the declared labels, whatever characters they contain", () => {
    const odd = defineResource({
      name: "odd",
      configuration: z.object({}),
      details: z.object({}),
      statuses: { ready: ["Up (all)", "a|b"], failed: "Down.", cancelled: "Off*" },
      create: { status: "Starting", work: async () => ({}) },
    });
    const get = updates("speakeasy", [odd]).get("$.paths['/api/odds/{id}'].get") ?? {};
    const [ready, deleted] = get["x-speakeasy-polling"] as readonly Polling[];
    const labels = ["Up (all)", "a|b", "Down.", "Off*", "Starting", "Cancelling", "a", "Down!", "Up (all) "];
    const matching = (criteria: Polling["successCriteria"] = []): readonly string[] =>
      labels.filter((label) => new RegExp(criteria[1]?.condition ?? "^$").test(label));
    assert.deepEqual(matching(ready?.successCriteria), ["Up (all)", "a|b"]);
    assert.deepEqual(matching(ready?.failureCriteria), ["Down.", "Off*"]);
    assert.equal(ready?.successCriteria[1]?.context, "$response.body#/status");
    assert.deepEqual(deleted?.successCriteria, [{ condition: "$statusCode == 404" }]);
  });
});

describe("the overlay for AutoRest", () => {
  it("marks the requests that start an operation, not cancel and messages", () => {
    const found = updates("autorest", [order], { operations: true, messages: true, worker: true, basePath: "/v1" });
    assert.deepEqual(
      [...found.keys()],
      [
        "$.paths['/v1/orders'].post",
        "$.paths['/v1/orders/{id}'].put",
        "$.paths['/v1/orders/{id}'].patch",
        "$.paths['/v1/orders/{id}'].delete",
        "$.paths['/v1/orders/{id}/retry'].post",
        "$.paths['/v1/orders/{id}/get'].post",
        "$.paths['/v1/orders/{id}/ship-now'].post",
      ],
    );
    for (const update of found.values()) {
      assert.deepEqual(update, {
        "x-ms-long-running-operation": true,
        "x-ms-long-running-operation-options": { "final-state-via": "operation-location" },
      });
    }
  });

  it("is refused for an app that sends no Operation-Location", () => {
    assert.throws(() => updates("autorest", [order]), /--overlay autorest: .*; set operations: true in createApp/);
  });
});
