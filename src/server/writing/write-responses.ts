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

/** Answers to the writes of one resource type. */
export interface WriteResponses {
  readonly show: (resource: Resource) => Representation;
  readonly retryAfter: (resource: Resource) => number | undefined;
  /** 202, 200 or 201 with the representation. `operation` names another operation than the one shown. */
  readonly accepted: (
    request: EndpointRequest,
    resource: Resource,
    status?: number,
    operation?: string,
  ) => WriteResponse;
  /** Applies the client's preferences to what was written; holds the answer until settled where it wants that. */
  readonly respond: (
    request: EndpointRequest,
    written: WriteOutcome,
    preferences: Preferences,
    settledStatus: number,
  ) => Promise<HttpResponse>;
}

export function createWriteResponses(context: EndpointContext, type: ResourceType): WriteResponses {
  const represent: Render = createRenderer(type, context.estimates);
  const collection = `${context.options.basePath}/${type.path}`;
  const show = (resource: Resource): Representation => represent(resource, context.clock.now());

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
        ...(isNamed ? ["Operation-Location", operationUrl(context, request.http, operation, location)] : []),
      ],
      text: shown.text,
    };
  };

  const waitUntilSettled = async (
    request: EndpointRequest,
    { response: answer, isReplay, operation }: WriteOutcome,
    seconds: number,
  ): Promise<Resource | undefined> => {
    const id = answer.location.slice(collection.length + 1);
    const released = await context.longPolls.waitFor({
      key: { type: type.name, id },
      ms: seconds * 1000,
      request: request.http,
      principalId: request.principal?.id,
      isSatisfied: (resource) =>
        resource === undefined ||
        resource.operation.settledAt !== null ||
        (!isReplay && resource.operation.id !== operation),
    });
    const resource = released.end === "satisfied" ? released.resource : undefined;
    // What was accepted stays accepted; what came of it is for those who may see it now.
    if (!(await isStillAuthorized(context, type, request, resource))) return undefined;
    return resource?.deletedAt === null && resource.operation.settledAt !== null ? resource : undefined;
  };

  const preferred: WriteResponses["respond"] = async (request, written, { waitSeconds, minimal }, settledStatus) => {
    const { response: answer } = written;
    const seconds = Math.min(waitSeconds ?? 0, context.options.waitMs / 1000);
    const isWaiting = seconds > 0 && answer.status === 202;
    const resource = isWaiting ? await waitUntilSettled(request, written, seconds) : undefined;
    const applied = [...(resource === undefined ? [] : [`wait=${seconds}`]), ...(minimal ? ["return=minimal"] : [])];
    const response = toHttpResponse(
      resource === undefined ? answer : accepted(request, resource, settledStatus),
      applied,
      minimal,
    );
    return isWaiting ? { ...response, hasWaited: isWaiting } : response;
  };

  return { show, retryAfter: (resource) => show(resource).retryAfter, accepted, respond: preferred };
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
