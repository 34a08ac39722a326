import type { FastifyContextConfig, FastifySchema } from "fastify";
import type { OpenApiDocument } from "../server/openapi/open-api.ts";
import { mergeOpenApi } from "./openapi/merge-open-api.ts";

interface SwaggerRoute {
  readonly url: string;
  /** The document in the making; absent for Swagger 2.0. */
  readonly openapiObject?: object;
}

interface SwaggerConfig {
  readonly swaggerTransform: (route: SwaggerRoute) => { readonly schema: FastifySchema; readonly url: string };
}

/** The schema of routes that `@fastify/swagger` itself leaves out. */
const HIDDEN: object = { hide: true };

/**
 * Returns the configuration of a route for `@fastify/swagger`. Its documents then contain that of the app, with all
 * details. A document of Swagger 2.0 leaves out the app.
 *
 * @param createDocument returns the document of the app; undefined for routes that documents leave out
 */
export function swaggerConfig(createDocument: (() => OpenApiDocument) | undefined): FastifyContextConfig {
  // Documents in the making that contain the app already: each is made from all routes.
  const extended = new WeakSet();
  const config: SwaggerConfig = {
    swaggerTransform({ url, openapiObject }) {
      if (createDocument !== undefined && openapiObject !== undefined && !extended.has(openapiObject)) {
        extended.add(openapiObject);
        Object.assign(openapiObject, mergeOpenApi(openapiObject, createDocument()));
      }
      return { schema: HIDDEN, url };
    },
  };
  return config;
}
