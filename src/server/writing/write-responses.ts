import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Resource } from "../../core/resource.ts";
import { isStillAuthorized } from "../access/visibility.ts";
import type { EndpointRequest, EndpointContext } from "../context.ts";
import type { HttpResponse } from "../http/exchange.ts";
import { BODILESS_HEADERS, etagHeader, JSON_HEADERS, retryAfterHeader } from "../http/headers.ts";
import { operationUrl } from "../representation/operation-view.ts";
import { createRenderer, type Render, type Representation } from "../representation/representation.ts";
import type { WriteResponse } from "../request/idempotency.ts";
import type { Preferences } from "../request/prefer.ts";
import type { WriteOutcome } from "./write.ts";

/** Responses to the writes of one resource type. */
export interface WriteResponses {
  readonly show: (resource: Resource) => Representation;
  readonly retryAfter: (resource: Resource) => number | undefined;
  /**
   * Creates a response with the representation.
   *
   * @param status 202 by default
   * @param operation id of the operation to link
   */
  readonly accepted: (
    request: EndpointRequest,
    resource: Resource,
    status?: number,
    operation?: string,
  ) => WriteResponse;
  /** Applies the client's preferences. With `wait`, waits until the operation is settled. */
  readonly respond: (
    request: EndpointRequest,
    outcome: WriteOutcome,
    preferences: Preferences,
    settledStatus: number,
  ) => Promise<HttpResponse>;
}

export function createWriteResponses(context: EndpointContext, type: ResourceType): WriteResponses {
  const render: Render = createRenderer(type, context);
  const collection = `${context.options.basePath}/${type.path}`;
  const show = (resource: Resource): Representation => render(resource, context.clock.now());

  const accepted: WriteResponses["accepted"] = (request, resource, status = 202, operation = resource.operation.id) => {
    const shown = show(resource);
    const location = `${collection}/${resource.id}`;
    const isNamed = context.options.operations && status === 202;
    return {
      status,
      location,
      headers: [
        ...etagHeader(shown.tag),
        ...retryAfterHeader(shown),
        ...(isNamed ? ["Operation-Location", operationUrl(context.options, request.http, operation, location)] : []),
      ],
      text: shown.text,
    };
  };

  const waitUntilSettled = async (
    request: EndpointRequest,
    { response, isReplay, operation, asked }: WriteOutcome,
    seconds: number,
  ): Promise<Resource | undefined> => {
    const id = response.location.slice(collection.length + 1);
    const result = await context.longPolls.waitFor({
      key: { type: type.name, id },
      ms: seconds * 1000,
      request: request.http,
      principalId: request.principal?.id,
      isSatisfied: (resource) =>
        resource === undefined ||
        resource.operation.settledAt !== null ||
        (!isReplay && resource.operation.id !== operation),
    });
    const resource = result.end === "satisfied" ? result.resource : undefined;
    // The write stays accepted, but its outcome is shown only if the principal may still see the resource.
    if (!(await isStillAuthorized(context, { ...request, asked }, resource))) return undefined;
    return resource?.deletedAt === null && resource.operation.settledAt !== null ? resource : undefined;
  };

  const respond: WriteResponses["respond"] = async (request, outcome, { waitSeconds, minimal }, settledStatus) => {
    const seconds = Math.min(waitSeconds ?? 0, context.options.waitMs / 1000);
    const isWaiting = seconds > 0 && outcome.response.status === 202;
    const resource = isWaiting ? await waitUntilSettled(request, outcome, seconds) : undefined;
    const applied = [...(resource === undefined ? [] : [`wait=${seconds}`]), ...(minimal ? ["return=minimal"] : [])];
    const shown = resource === undefined ? outcome.response : accepted(request, resource, settledStatus);
    // Idempotent replies are stored with the internal path, because the public URL may change between two requests.
    const location = context.publicPath(shown.location, request.http);
    const response = toHttpResponse({ ...shown, location }, applied, minimal);
    return isWaiting ? { ...response, hasWaited: true } : response;
  };

  return { show, retryAfter: (resource) => show(resource).retryAfter, accepted, respond };
}

function toHttpResponse(
  { status, location, headers, text }: WriteResponse,
  applied: readonly string[],
  isMinimal: boolean,
): HttpResponse {
  const preferences = applied.length === 0 ? [] : ["Preference-Applied", applied.join(", ")];
  return {
    status,
    headers: [...(isMinimal ? BODILESS_HEADERS : JSON_HEADERS), "Location", location, ...headers, ...preferences],
    ...(isMinimal ? {} : { body: text }),
  };
}
