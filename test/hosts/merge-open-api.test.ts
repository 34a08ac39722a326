import assert from "node:assert/strict";
import { describe, it } from "node:test";
import SwaggerParser from "@apidevtools/swagger-parser";
import { z } from "zod";
import { createApp } from "../../src/app/create-app.ts";
import { defineResource } from "../../src/core/definition/define-resource.ts";
import { mergeOpenApi } from "../../src/hosts/openapi/merge-open-api.ts";
import { print } from "./print-app.ts";

const odd = defineResource({
  name: "odd",
  configuration: z.object({
    kind: z.literal("odd"),
    size: z.number().gt(0).lt(10),
    note: z.string().nullable(),
    pair: z.tuple([z.string(), z.number()]),
    names: z.record(z.string().regex(/^[a-z]+$/), z.union([z.string(), z.number(), z.null()])),
  }),
  details: z.object({}),
  statuses: { ready: "Ready" },
  create: { status: "Making", work: () => ({}) },
});
const authenticate = () => ({ id: "ann" });
const app = createApp({ resources: [print, odd], basePath: "/v1", authenticate });

interface Merged {
  readonly openapi: string;
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { operationId?: string; security?: unknown }>> & { servers?: unknown }>
  >;
  readonly components: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly tags: readonly { name: string; description?: string }[];
}

const shop = { openapi: "3.1.1", info: { title: "Shop", version: "1.0.0" } };

async function merge(own: object, added: object = app.openapi()): Promise<Merged> {
  const merged = mergeOpenApi({ paths: {}, ...own }, added) as unknown as Merged;
  await SwaggerParser.validate(structuredClone(merged) as never);
  return merged;
}

describe("mergeOpenApi", () => {
  it("adds paths, components, tags and the security of each operation, and keeps what is the application's own", async () => {
    const own = {
      ...shop,
      paths: { "/customers": { get: { responses: { 200: { description: "All." } } } } },
      security: [{ cookie: [] }],
      tags: [{ name: app.openapi().tags[0]?.name ?? "", description: "Own text" }],
      components: { securitySchemes: { cookie: { type: "apiKey", in: "cookie", name: "sid" } } },
    };
    const before = structuredClone(own);
    const merged = await merge(own);
    assert.deepEqual(own, before, "the own document is not changed");
    assert.deepEqual(Object.keys(merged.paths), ["/customers", ...Object.keys(app.openapi().paths)]);
    assert.deepEqual(merged.paths["/v1/prints"]?.["post"]?.security, [{ bearer: [] }]);
    assert.equal(merged.paths["/customers"]?.["get"]?.security, undefined);
    assert.deepEqual(Object.keys(merged.components["securitySchemes"] ?? {}), ["cookie", "bearer"]);
    assert.equal(merged.tags[0]?.description, "Own text");
    assert.deepEqual(await merge(merged), merged, "a second time, nothing is added");
  });

  it("gives components, security schemes and operations whose names are taken a number, wherever they are named", async () => {
    const own = {
      ...shop,
      paths: { "/other": { get: { operationId: "getPrint", responses: { 200: { description: "One." } } } } },
      components: {
        schemas: { Print: { type: "string" }, Problem: { type: "string" } },
        securitySchemes: { bearer: { type: "http", scheme: "basic" } },
      },
    };
    const { paths, components } = await merge(own);
    assert.equal(paths["/v1/prints/{id}"]?.["get"]?.operationId, "getPrint2");
    assert.deepEqual(paths["/v1/prints/{id}"]?.["get"]?.security, [{ bearer2: [] }]);
    assert.deepEqual(components["schemas"]?.["Print"], { type: "string" });
    const text = JSON.stringify({ paths, links: components["links"], responses: components["responses"] });
    assert.ok(
      text.includes('"#/components/schemas/Print2"') && text.includes('"operationId":"getPrint2","description"'),
    );
    assert.ok(!text.includes('"#/components/schemas/Print"') && !text.includes('"#/components/schemas/Problem"'));
  });

  it("gives paths that are right for the servers of the application", async () => {
    const at = async (...urls: string[]) => (await merge({ ...shop, servers: urls.map((url) => ({ url })) })).paths;
    assert.ok("/prints" in (await at("https://api.example.com/v1", "/v1/")));
    assert.ok("/v1/prints" in (await at("https://api.example.com")));
    assert.deepEqual((await at("https://api.example.com/shop"))["/v1/prints"]?.servers, [
      { url: "https://api.example.com" },
    ]);
    assert.deepEqual((await at("https://a.example.com/v1", "https://b.example.com"))["/v1/prints"]?.servers, [
      { url: "https://a.example.com" },
      { url: "https://b.example.com" },
    ]);
  });

  it("converts schemas for a document of OpenAPI 3.0", async () => {
    const { openapi, components } = await merge({ ...shop, openapi: "3.0.4" });
    assert.equal(openapi, "3.0.4");
    assert.deepEqual(components["schemas"]?.["OddConfiguration"], {
      type: "object",
      properties: {
        kind: { type: "string", enum: ["odd"] },
        size: { type: "number", minimum: 0, exclusiveMinimum: true, maximum: 10, exclusiveMaximum: true },
        note: { type: "string", nullable: true },
        pair: { type: "array", items: {}, minItems: 2, maxItems: 2 },
        names: {
          type: "object",
          additionalProperties: {
            anyOf: [
              { type: "string", nullable: true },
              { type: "number", nullable: true },
            ],
          },
        },
      },
      required: ["kind", "size", "note", "pair", "names"],
      additionalProperties: false,
    });
    assert.doesNotMatch(JSON.stringify(components["schemas"]), /"(?:const|prefixItems|propertyNames|\$defs)":/);
  });

  it("rejects the same operation in both, and documents of other versions", () => {
    const same = { ...shop, paths: { "/v1/prints": { post: { responses: {} } } } };
    assert.throws(() => mergeOpenApi(same, app.openapi()), {
      code: "invalid-definition",
      message: /POST \/v1\/prints; choose another base path/,
    });
    assert.throws(() => mergeOpenApi({ swagger: "2.0" }, app.openapi()), {
      message: /own document is not an OpenAPI document/,
    });
  });
});
