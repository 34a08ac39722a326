import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Log } from "../../core/ports/log.ts";
import {
  type AuthenticatedRequestParts,
  authenticateRequest,
  authorizeCollection,
  authorizeOperator,
} from "../../server/access/access.ts";
import type { HttpResponse } from "../../server/http/exchange.ts";
import { problemResponse } from "../../server/http/problems.ts";
import { pathPrefixOf } from "../../server/http/public-url.ts";
import type { ServerOptions } from "../../server/options.ts";

/**
 * Restricts the pages beside the API to principals that may use the API, unless `authorize` denies them. Metrics cover the
 * resources of all owners, so they require that `authorize` returns true, or an operator.
 */
export function guardPages(
  pages: FastifyInstance,
  { options, log }: { readonly options: ServerOptions; readonly log: Log },
  type: "docs" | "metrics",
): void {
  if (options.authenticate === undefined) return;
  pages.addHook("onRequest", async (request, reply) => {
    const { method } = request;
    try {
      const principal = await authenticateRequest(authenticatedRequestParts(request), options);
      if (type === "metrics") await authorizeOperator(principal, { method, type }, options);
      else await authorizeCollection(principal, { method, type }, options);
      return undefined;
    } catch (error) {
      const path = pathPrefixOf(options.publicUrl) + pathOf(request);
      return sendResponse(problemResponse(error, { path, problemTypes: options.problemTypes }, log), reply);
    }
  });
}

/** Returns the parts of a request that `authenticate` reads. */
export function authenticatedRequestParts(request: FastifyRequest): AuthenticatedRequestParts {
  return {
    method: request.method,
    path: pathOf(request),
    header(name) {
      const value = request.headers[name];
      return typeof value === "object" ? value.join(", ") : value;
    },
    headers: () => toHeaders(request.headers),
  };
}

function pathOf({ url }: FastifyRequest): string {
  const [path = ""] = url.split("?");
  return path;
}

function toHeaders(incoming: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming)) {
    for (const each of [value ?? []].flat()) headers.append(name, each);
  }
  return headers;
}

function sendResponse({ status, headers, body }: HttpResponse, reply: FastifyReply): FastifyReply {
  for (let index = 0; index + 1 < headers.length; index += 2) {
    void reply.header(headers[index] ?? "", headers[index + 1]);
  }
  return reply.code(status).send(body);
}
