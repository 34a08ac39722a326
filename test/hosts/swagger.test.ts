import assert from "node:assert/strict";
import { describe, it } from "node:test";
import SwaggerParser from "@apidevtools/swagger-parser";
import swagger from "@fastify/swagger";
import Fastify, { type FastifyInstance } from "fastify";
import { createApp } from "../../src/app/create-app.ts";
import { afoot, mount } from "../../src/hosts/fastify.ts";
import { apiRoutes } from "../access/routes.ts";
import { parseObject } from "../support/json.ts";
import { print } from "./print-app.ts";

const app = createApp({ resources: [print], basePath: "/v1", operations: true, messages: true, worker: true });

/** Opens an application with a document and a route of its own. */
async function openApplication(openapi: string): Promise<FastifyInstance> {
  const fastify = Fastify();
  const info = { title: "Shop", version: "2.0.0" };
  const tags = [{ name: "Prints", description: "Own text" }];
  await fastify.register(swagger, { openapi: { openapi, info, tags } });
  await fastify.register(afoot, { app });
  await fastify.register(mount, app.pages());
  const nullable = { type: "object", properties: { name: { type: ["string", "null"] } } };
  fastify.get("/v1/customers/:id", { schema: { response: { 200: nullable } } }, () => ({}));
  await fastify.ready();
  return fastify;
}

describe("an app in Fastify", () => {
  for (const version of ["3.1.0", "3.0.3"]) {
    it(`is described in the application's own document of OpenAPI ${version}`, async () => {
      const fastify = await openApplication(version);
      const document = parseObject(JSON.stringify(fastify.swagger()));
      await fastify.close();
      const paths = Object.keys(document["paths"] ?? {});
      assert.deepEqual(paths.toSorted(), ["/v1/customers/{id}", ...Object.keys(app.openapi().paths)].toSorted());
      assert.equal(document["openapi"], version);
      assert.deepEqual(document["info"], { title: "Shop", version: "2.0.0" });
      if (version === "3.1.0") assert.deepEqual(withoutOwn(document), withoutOwn(app.openapi()), "nothing is left out");
      await SwaggerParser.validate(structuredClone(document) as never);
    });
  }

  it("has a route for each path and method, and none for all others", async () => {
    const fastify = await openApplication("3.1.0");
    for (const { path, methods } of apiRoutes(app)) {
      const url = path.replaceAll(/\{\w+\}/g, ":id");
      for (const method of methods.filter((each) => each !== "OPTIONS")) {
        assert.ok(fastify.hasRoute({ method, url }), `${method} ${url}`);
      }
    }
    assert.ok(!fastify.hasRoute({ method: "GET", url: "/v1/*" }));
    await fastify.close();
  });
});

/** Returns the parts of a document that come from the app, with all their details. */
function withoutOwn(document: object): object {
  const { paths, components } = parseObject(JSON.stringify(document));
  assert.ok(typeof paths === "object");
  return { paths: { ...paths, "/v1/customers/{id}": undefined }, components };
}
