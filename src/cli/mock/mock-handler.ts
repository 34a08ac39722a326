import { isJsonObject } from "../../core/json/json.ts";
import type { Log } from "../../core/ports/log.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { Handler, HttpRequest, HttpResponse } from "../../server/http/exchange.ts";
import { problemResponse, Refusal } from "../../server/http/problems.ts";
import { serverOptions } from "../../server/options.ts";
import { parseOptional, readBody, parseJson } from "../../server/request/body.ts";
import { invalid } from "../../server/request/configuration.ts";
import type { Validation } from "./body-validation.ts";
import type { JsonObject, MockResource } from "./find-resources.ts";
import { createMockItems, type ShownItem } from "./mock-items.ts";
import { createMockRoutes, type MockPlace } from "./mock-routes.ts";

export interface MockParts {
  readonly resources: readonly MockResource[];
  /** The paths under which the document's servers serve it; empty for the root. */
  readonly basePaths: readonly string[];
  readonly validationOf: (pointer: string) => Validation;
  /** How long each state but the last is shown at least. */
  readonly stateMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** For pages of any origin: what a mock holds is nobody's. */
const OPEN = ["Access-Control-Allow-Origin", "*", "Access-Control-Expose-Headers", "Location, Retry-After"] as const;

const LIMITS = serverOptions();

/** Serves the resources of a document from its examples, statefully, over any transport. */
export function createMockHandler({ resources, basePaths, validationOf, stateMs, clock, log }: MockParts): Handler {
  const find = createMockRoutes(resources, basePaths);
  const items = createMockItems(stateMs, clock);
  const validations = new Map(resources.map((resource) => [resource, bodyValidations(resource, validationOf)]));

  const create = async (request: HttpRequest, { resource, key }: MockPlace): Promise<HttpResponse> => {
    const item = items.create(key, resource, await readPosted(request, resource, validations.get(resource)));
    const location = ["Location", `${request.path.replace(/\/$/, "")}/${item.id}`];
    if (resource.showsAccepted) return shown(resource, item, 202, location);
    return { status: 202, headers: [...OPEN, ...pacing(item), ...location] };
  };

  const get = ({ resource, key }: MockPlace): HttpResponse => {
    const item = items.look(key);
    if (item !== undefined) return shown(resource, item, 200);
    throw new Refusal("resource-not-found", "There is nothing of this id; a POST to the collection creates something.");
  };

  const respond = (request: HttpRequest): HttpResponse | Promise<HttpResponse> => {
    const { method, path } = request;
    const place = find(path);
    if (place === undefined) throw new Refusal("not-found", "The document has nothing to follow under this path.");
    const allow = place.isItem ? "GET, HEAD, OPTIONS" : "POST, OPTIONS";
    if (method === "OPTIONS") return preflight(allow);
    if (place.isItem && (method === "GET" || method === "HEAD")) return get(place);
    if (!place.isItem && method === "POST") return create(request, place);
    const detail = `The mock serves ${allow} here, not ${method}.`;
    throw new Refusal("method-not-allowed", detail, { headers: ["Allow", allow] });
  };

  const handle = async (request: HttpRequest): Promise<HttpResponse> => {
    try {
      const response = await respond(request);
      return request.method === "HEAD" ? { status: response.status, headers: response.headers } : response;
    } catch (error) {
      const response = problemResponse(error, request.path, log);
      return { ...response, headers: [...response.headers, ...OPEN] };
    }
  };
  return Object.assign(handle, { close: async () => {} });
}

function shown({ type }: MockResource, item: ShownItem, status: number, headers: readonly string[] = []): HttpResponse {
  return {
    status,
    headers: ["Content-Type", type, "Cache-Control", "no-store", ...OPEN, ...pacing(item), ...headers],
    body: JSON.stringify(item.representation),
  };
}

function pacing({ restMs }: ShownItem): readonly string[] {
  return restMs === undefined ? [] : ["Retry-After", String(Math.max(1, Math.ceil(restMs / 1000)))];
}

function preflight(allow: string): HttpResponse {
  const asked = ["Access-Control-Allow-Methods", allow, "Access-Control-Allow-Headers", "*"];
  return { status: 204, headers: ["Allow", allow, ...OPEN, ...asked] };
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
async function readPosted(
  request: HttpRequest,
  { body }: MockResource,
  validations: BodyValidations = new Map(),
): Promise<JsonObject> {
  if (body === undefined) return {};
  const bytes = await readBody(request, LIMITS, [...validations.keys()]);
  const value = body.required ? parseJson(bytes, LIMITS.maxDepth) : parseOptional(bytes, LIMITS);
  const [type = ""] = (request.header("content-type") ?? "").toLowerCase().split(";");
  const issues = validations.get(type.trim())?.(value) ?? [];
  if (issues.length > 0) throw invalid(issues);
  return isJsonObject(value) ? value : {};
}
