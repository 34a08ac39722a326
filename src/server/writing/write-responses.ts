import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Resource } from "../../core/resource.ts";
import { maySeeStill } from "../access/visibility.ts";
import type { EndpointRequest, EndpointContext } from "../context.ts";
import type { HttpResponse } from "../http/exchange.ts";
import { BODILESS_HEADERS, etag, JSON_HEADERS, pacing } from "../http/headers.ts";
import { operationUrl } from "../representation/operation-view.ts";
import { createRepresentation, type Represent, type Shown } from "../representation/representation.ts";
import type { Answer } from "../request/idempotency.ts";
import type { Preferences } from "../request/prefer.ts";
import type { Written } from "./write.ts";

/** Answers to the writes of one resource type. */
export interface Answers {
  readonly show: (resource: Resource) => Shown;
  readonly retryAfter: (resource: Resource) => number | undefined;
  /** 202, 200 or 201 with the representation. `operation` names another operation than the one shown. */
  readonly accepted: (call: EndpointRequest, resource: Resource, status?: number, operation?: string) => Answer;
  /** Applies the client's preferences to what was written; holds the answer until settled where it wants that. */
  readonly preferred: (
    call: EndpointRequest,
    written: Written,
    preferences: Preferences,
    settledStatus: number,
  ) => Promise<HttpResponse>;
}

export function createAnswers(serving: EndpointContext, type: ResourceType): Answers {
  const represent: Represent = createRepresentation(type, serving.estimates);
  const collection = `${serving.options.basePath}/${type.path}`;
  const show = (resource: Resource): Shown => represent(resource, serving.clock.now());

  const accepted: Answers["accepted"] = (call, resource, status = 202, operation = resource.operation.id) => {
    const shown = show(resource);
    const location = `${collection}/${resource.id}`;
    const isNamed = serving.options.operations && status === 202;
    return {
      status,
      location,
      headers: [
        ...etag(shown.tag),
        ...pacing(shown),
        ...(isNamed ? ["Operation-Location", operationUrl(serving, call.request, operation, location)] : []),
      ],
      text: shown.text,
    };
  };

  const settled = async (
    call: EndpointRequest,
    { answer, isReplay, operation }: Written,
    seconds: number,
  ): Promise<Resource | undefined> => {
    const id = answer.location.slice(collection.length + 1);
    const released = await serving.hub.hold({
      key: { type: type.name, id },
      ms: seconds * 1000,
      request: call.request,
      holder: call.principal?.id,
      isOver: (resource) =>
        resource === undefined ||
        resource.operation.settledAt !== null ||
        (!isReplay && resource.operation.id !== operation),
    });
    const resource = released.end === "over" ? released.resource : undefined;
    // What was accepted stays accepted; what came of it is for those who may see it now.
    if (!(await maySeeStill(serving, type, call, resource))) return undefined;
    return resource?.deletedAt === null && resource.operation.settledAt !== null ? resource : undefined;
  };

  const preferred: Answers["preferred"] = async (call, written, { waitSeconds, minimal }, settledStatus) => {
    const { answer } = written;
    const seconds = Math.min(waitSeconds ?? 0, serving.options.waitMs / 1000);
    const isHeld = seconds > 0 && answer.status === 202;
    const resource = isHeld ? await settled(call, written, seconds) : undefined;
    const applied = [...(resource === undefined ? [] : [`wait=${seconds}`]), ...(minimal ? ["return=minimal"] : [])];
    const response = responseOf(
      resource === undefined ? answer : accepted(call, resource, settledStatus),
      applied,
      minimal,
    );
    return isHeld ? { ...response, isHeld } : response;
  };

  return { show, retryAfter: (resource) => show(resource).retryAfter, accepted, preferred };
}

function responseOf(
  { status, location, headers, text }: Answer,
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
