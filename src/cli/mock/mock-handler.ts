import { isJsonObject } from "../../core/json/json.ts";
import type { Log } from "../../core/ports/log.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { Handler, HttpRequest, HttpResponse } from "../../server/http/exchange.ts";
import { problemResponse, Refusal } from "../../server/http/problems.ts";
import { serverOptions } from "../../server/options.ts";
import { parseOptionalJson, readBody, parseJson } from "../../server/request/body.ts";
import { validationError } from "../../server/request/configuration.ts";
import type { Validation } from "./body-validation.ts";
import type { JsonObject, MockResource } from "./find-resources.ts";
import { createMockItems, type MockRepresentation } from "./mock-items.ts";
import { createMockRouter, type MockRoute } from "./mock-routes.ts";

export interface MockParts {
  readonly resources: readonly MockResource[];
  /** Base paths of the document's servers. Empty for the root. */
  readonly basePaths: readonly string[];
  readonly validationOf: (pointer: string) => Validation;
  /** Minimum time in each state except the last. */
  readonly stateMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Allows pages of any origin, because a mock has no private data. */
const CORS_HEADERS = [
  "Access-Control-Allow-Origin",
  "*",
  "Access-Control-Expose-Headers",
  "Location, Retry-After",
] as const;

const BODY_LIMITS = serverOptions();

/** Creates the handler that serves the resources of a document from its examples. It keeps state, and works on any transport. */
export function createMockHandler({ resources, basePaths, validationOf, stateMs, clock, log }: MockParts): Handler {
  const matchRoute = createMockRouter(resources, basePaths);
  const items = createMockItems(stateMs, clock);
  const validations = new Map(resources.map((resource) => [resource, bodyValidations(resource, validationOf)]));

  const create = async (request: HttpRequest, { resource, key }: MockRoute): Promise<HttpResponse> => {
    const item = items.create(key, resource, await readPostedBody(request, resource, validations.get(resource)));
    const location = ["Location", `${request.path.replace(/\/$/, "")}/${item.id}`];
    if (resource.showsAccepted) return representationResponse(resource, item, 202, location);
    return { status: 202, headers: [...CORS_HEADERS, ...retryAfterHeader(item), ...location] };
  };

  const get = ({ resource, key }: MockRoute): HttpResponse => {
    const item = items.read(key);
    if (item !== undefined) return representationResponse(resource, item, 200);
    throw new Refusal("resource-not-found", "No resource has this id. Create one by POST to the collection.");
  };

  const respond = (request: HttpRequest): HttpResponse | Promise<HttpResponse> => {
    const { method, path } = request;
    const route = matchRoute(path);
    if (route === undefined) throw new Refusal("not-found", "The document describes no resource at this path.");
    const allow = route.isItem ? "GET, HEAD, OPTIONS" : "POST, OPTIONS";
    if (method === "OPTIONS") return preflight(allow);
    if (route.isItem && (method === "GET" || method === "HEAD")) return get(route);
    if (!route.isItem && method === "POST") return create(request, route);
    const detail = `${method} is not supported here; allowed: ${allow}.`;
    throw new Refusal("method-not-allowed", detail, { headers: ["Allow", allow] });
  };

  const handle = async (request: HttpRequest): Promise<HttpResponse> => {
    try {
      const response = await respond(request);
      return request.method === "HEAD" ? { status: response.status, headers: response.headers } : response;
    } catch (error) {
      const response = problemResponse(error, { path: request.path }, log);
      return { ...response, headers: [...response.headers, ...CORS_HEADERS] };
    }
  };
  return Object.assign(handle, { close: async () => {} });
}

function representationResponse(
  { type }: MockResource,
  item: MockRepresentation,
  status: number,
  headers: readonly string[] = [],
): HttpResponse {
  return {
    status,
    headers: [
      "Content-Type",
      type,
      "Cache-Control",
      "no-store",
      ...CORS_HEADERS,
      ...retryAfterHeader(item),
      ...headers,
    ],
    body: JSON.stringify(item.representation),
  };
}

function retryAfterHeader({ remainingMs }: MockRepresentation): readonly string[] {
  return remainingMs === undefined ? [] : ["Retry-After", String(Math.max(1, Math.ceil(remainingMs / 1000)))];
}

function preflight(allow: string): HttpResponse {
  const corsHeaders = ["Access-Control-Allow-Methods", allow, "Access-Control-Allow-Headers", "*"];
  return { status: 204, headers: ["Allow", allow, ...CORS_HEADERS, ...corsHeaders] };
}

type BodyValidations = ReadonlyMap<string, Validation>;

function bodyValidations({ body }: MockResource, validationOf: MockParts["validationOf"]): BodyValidations {
  return new Map(
    [...(body?.schemas ?? [])].map(([type, pointer]) => [
      type,
      pointer === undefined ? () => [] : validationOf(pointer),
    ]),
  );
}

/** @throws Refusal */
async function readPostedBody(
  request: HttpRequest,
  { body }: MockResource,
  validations: BodyValidations = new Map(),
): Promise<JsonObject> {
  if (body === undefined) return {};
  const bytes = await readBody(request, BODY_LIMITS, [...validations.keys()]);
  const value = body.required ? parseJson(bytes, BODY_LIMITS.maxDepth) : parseOptionalJson(bytes, BODY_LIMITS);
  const [type = ""] = (request.header("content-type") ?? "").toLowerCase().split(";");
  const issues = validations.get(type.trim())?.(value) ?? [];
  if (issues.length > 0) throw validationError(issues);
  return isJsonObject(value) ? value : {};
}
