import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { machine, order, orderHistory, problem, TYPES } from "../../../test/contract/types.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { type ServerOptions, serverOptions } from "../options.ts";
import { openapiDocument } from "./document.ts";
import type { Method, OpenApiDocument, OperationObject } from "./open-api.ts";

function documentOf(types: readonly ResourceType[], given: Partial<ServerOptions> = {}): OpenApiDocument {
  return openapiDocument({ types, options: serverOptions(given) });
}

function operationOf(document: OpenApiDocument, method: Method, path: string): OperationObject {
  const operation = document.paths[path]?.[method];
  assert.ok(operation !== undefined, `${method} ${path} is not described`);
  return operation;
}

function statuses(document: OpenApiDocument, method: Method, path: string): readonly string[] {
  return Object.keys(operationOf(document, method, path).responses);
}

function operations(document: OpenApiDocument): readonly OperationObject[] {
  return Object.values(document.paths).flatMap((item) => Object.values(item));
}

const ITEM = "/api/virtual-machines/{id}";

describe("an OpenAPI document", () => {
  it("has every path of a type, and the view of operations where that is served", () => {
    assert.deepEqual(Object.keys(documentOf([order], { operations: true }).paths), [
      "/api/orders",
      "/api/orders/{id}",
      "/api/orders/{id}/cancel",
      "/api/orders/{id}/retry",
      "/api/orders/{id}/get",
      "/api/orders/{id}/ship-now",
      "/api/orders/{id}/approval",
      "/api/orders/{id}/note",
      "/api/orders/{id}/history",
      "/api/operations/{id}",
    ]);
    const outside = documentOf([order], { messages: true, worker: true }).paths;
    const requests = ["claim", "record", "end", "beat", "progress"].map((kind) => `/api/worker/${kind}`);
    assert.deepEqual(Object.keys(outside).slice(-6), ["/api/messages", ...requests]);
    assert.ok(!("/api/messages" in documentOf([order], { worker: true }).paths));
    assert.ok(!("/api/worker/claim" in documentOf([order], { messages: true }).paths));
    assert.ok(!("/api/operations/{id}" in documentOf([order]).paths));
  });

  it("has its paths under the base path", () => {
    for (const basePath of ["", "/v1/things"]) {
      const paths = Object.keys(documentOf([machine], { basePath }).paths);
      assert.ok(
        paths.every((path) => path.startsWith(`${basePath}/virtual-machines`)),
        paths.join(", "),
      );
    }
  });

  it("has the methods that a type declares", () => {
    const document = documentOf([machine, orderHistory]);
    assert.deepEqual(Object.keys(document.paths[ITEM] ?? {}), ["get", "head", "put", "patch", "delete"]);
    assert.deepEqual(Object.keys(document.paths["/api/order-histories/{id}"] ?? {}), ["get", "head", "put", "delete"]);
  });

  it("has exactly the statuses that a route can return", () => {
    const document = documentOf([machine, orderHistory]);
    const any = ["400", "406", "500", "503"];
    const body = ["403", "408", "413", "415", "507"];
    const all = (...own: string[]): readonly string[] => [...any, ...own].toSorted();
    assert.deepEqual(statuses(document, "get", "/api/virtual-machines").toSorted(), all("200"));
    assert.deepEqual(statuses(document, "post", "/api/virtual-machines").toSorted(), all("201", "202", "422", ...body));
    assert.deepEqual(statuses(document, "get", ITEM).toSorted(), all("200", "204", "304", "404"));
    assert.deepEqual(statuses(document, "put", ITEM).toSorted(), all("200", "202", "409", "412", "422", ...body));
    assert.deepEqual(
      statuses(document, "patch", ITEM).toSorted(),
      all("200", "202", "404", "409", "412", "422", ...body),
    );
    assert.deepEqual(statuses(document, "delete", ITEM).toSorted(), all("202", "404", "412", ...body));
    assert.deepEqual(
      statuses(document, "post", `${ITEM}/cancel`).toSorted(),
      all("200", "202", "404", "409", "412", "422", ...body),
    );
    const plain = "/api/order-histories/{id}";
    assert.deepEqual(statuses(document, "put", plain).toSorted(), all("200", "202", "405", "412", "422", ...body));
    assert.deepEqual(statuses(document, "delete", plain).toSorted(), all("202", "204", "404", "412", ...body));
  });

  it("has what options add: credentials, preconditions, limits, operations", () => {
    const plain = documentOf([order]);
    const full = documentOf([order], {
      authenticate: () => null,
      authorize: () => true,
      preconditionRequired: true,
      operations: true,
    });
    const path = "/api/orders/{id}";
    assert.deepEqual(plain.security, []);
    assert.deepEqual(full.security, [{ bearer: [] }]);
    for (const [method, status] of [
      ["patch", "401"],
      ["get", "403"],
      ["patch", "428"],
    ] as const) {
      assert.ok(!statuses(plain, method, path).includes(status));
      assert.ok(statuses(full, method, path).includes(status));
    }
    assert.ok(statuses(plain, "post", "/api/orders").includes("429"), "order has a limit");
    assert.ok(
      !statuses(documentOf([machine]), "post", "/api/virtual-machines").includes("429"),
      "virtual-machine has none",
    );
    const headersOf = (document: OpenApiDocument): string =>
      JSON.stringify(operationOf(document, "post", "/api/orders").responses["202"]);
    assert.match(headersOf(full), /Operation-Location/);
    assert.doesNotMatch(headersOf(plain), /Operation-Location/);
  });

  it("names the labels, and those that are settled", () => {
    const schema = documentOf([machine]).components.schemas["VirtualMachineStatus"] ?? {};
    assert.deepEqual(schema["x-afoot-settled"], ["Ready", "Stopped", "Failed", "Cancelled"]);
    const [declared, other] = schema["anyOf"] as readonly Record<string, unknown>[];
    assert.deepEqual(declared?.["enum"], [
      "Provisioning",
      "Resizing",
      "Deleting",
      "Stopping",
      "Cancelling",
      "Ready",
      "Stopped",
      "Failed",
      "Cancelled",
    ]);
    assert.equal(other?.["type"], "string", "work may show labels of its own");
  });

  it("has unique names, whatever types and actions are called", () => {
    const document = documentOf(TYPES, { operations: true });
    const ids = operations(document).map(({ operationId }) => operationId);
    assert.deepEqual(ids, [...new Set(ids)]);
    assert.ok(
      ids.includes("createVirtualMachine") && ids.includes("getVirtualMachine") && ids.includes("stopVirtualMachine"),
    );
    assert.equal(operationOf(document, "get", "/api/order-histories/{id}").operationId, "getOrderHistory");
    const { schemas } = document.components;
    assert.equal(schemas["OrderHistory"]?.["title"], "Order history", "the type's own name is its representation's");
    assert.match(JSON.stringify(schemas["Problem"]), /"configuration"/);
    assert.match(JSON.stringify(schemas["Problem2"]), /RFC 9457/);
  });

  it("has no dangling references", () => {
    const document = documentOf(TYPES, { operations: true, preconditionRequired: true });
    const text = JSON.stringify(document);
    for (const [, reference = ""] of text.matchAll(/"\$ref":"([^"]+)"/g)) {
      let found: unknown = document;
      for (const part of reference.slice(2).split("/")) {
        found = (found as Record<string, unknown>)[part.replaceAll("~1", "/")];
      }
      assert.ok(found !== undefined, reference);
    }
    assert.doesNotMatch(text, /a keyword that no schema knows|\$schema/);
  });

  it("links each 202 of a type to GET, cancel and history of the same type", () => {
    const document = documentOf(TYPES, { operations: true });
    const pathOf = new Map(
      Object.entries(document.paths).flatMap(([path, item]) =>
        Object.entries(item).map(([method, { operationId }]) => [operationId, `${method} ${path}`] as const),
      ),
    );
    let linked = 0;
    for (const [path, item] of Object.entries(document.paths)) {
      for (const { responses } of Object.values(item)) {
        const accepted = responses["202"];
        if (accepted === undefined || !("links" in accepted)) continue;
        linked++;
        const [, collection = ""] = /^(\/api\/[^/]+)/.exec(path) ?? [];
        const links = Object.entries(accepted.links ?? {}).map(([name, { $ref }]) => {
          const link = document.components.links[$ref.replace("#/components/links/", "")];
          assert.deepEqual(link?.parameters, { id: "$response.body#/id" });
          return [name, pathOf.get(link.operationId)];
        });
        assert.deepEqual(Object.fromEntries(links), {
          get: `get ${collection}/{id}`,
          cancel: `post ${collection}/{id}/cancel`,
          history: `get ${collection}/{id}/history`,
        });
      }
    }
    assert.equal(linked, JSON.stringify(document.paths).split('"202"').length - 1, "every 202 has links");
  });

  it("is deterministic, byte for byte", () => {
    assert.equal(JSON.stringify(documentOf(TYPES)), JSON.stringify(documentOf(TYPES)));
  });

  it("states nothing about the API that the app does not", () => {
    const document = documentOf([machine]);
    assert.deepEqual(Object.keys(document.info), ["title", "version", "description"]);
    assert.ok(!("servers" in document));
    assert.doesNotMatch(JSON.stringify(document), /contact|license|rights/i);
  });

  it("has the information that the app gives", () => {
    const openapi = {
      title: "Machines",
      version: "3.1.4",
      description: "Machines on demand.",
      contact: { name: "Operations", email: "ops@acme.test" },
      license: { name: "MIT", identifier: "MIT" },
      servers: [{ url: "https://eu.acme.test", description: "Europe" }, { url: "/" }],
      tags: [{ name: "Virtual machines", description: "Rented by the hour." }, { name: "Billing" }],
    } as const;
    const document = documentOf([machine, order], { openapi, publicUrl: "https://api.acme.test" });
    const { tags, servers, ...info } = openapi;
    assert.deepEqual(document.info, info);
    assert.deepEqual(document.servers, servers);
    assert.deepEqual(document.tags, [
      tags[0],
      { name: "Orders", description: "Create, follow and change orders." },
      tags[1],
    ]);
  });

  it("has the public URL as server, overridden by the call's", () => {
    const options = serverOptions({ openapi: { version: "3.1.4" }, publicUrl: "https://api.acme.test/svc" });
    assert.deepEqual(openapiDocument({ types: [machine], options }).servers, [{ url: "https://api.acme.test/svc" }]);
    const serverUrl = "https://other.test";
    const overridden = openapiDocument({ types: [problem], options, title: "Other", serverUrl });
    assert.deepEqual(
      { title: overridden.info.title, version: overridden.info.version, servers: overridden.servers },
      { title: "Other", version: "3.1.4", servers: [{ url: serverUrl }] },
    );
  });
});
