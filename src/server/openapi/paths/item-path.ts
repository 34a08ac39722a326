import { configurationBody, patchBody } from "../bodies.ts";
import type { OperationObject, PathItem } from "../open-api.ts";
import { fieldsParameter, idParameter, parameters } from "../parameters.ts";
import {
  WRITE_PROBLEMS,
  commonProblems,
  limitProblems,
  type ProblemGroupName,
  problems,
} from "../problem-responses.ts";
import { acceptedResponse, notModifiedResponse, settledResponse, shownResponse } from "../responses.ts";
import type { Scope } from "../scope.ts";
import { capital } from "../words.ts";

export function itemPath(scope: Scope): PathItem {
  return {
    get: get(scope, "get"),
    head: get(scope, "head"),
    put: put(scope),
    ...(scope.type.operations.has("update") || scope.type.representation.metadata ? { patch: patch(scope) } : {}),
    delete: remove(scope),
  };
}

function get(scope: Scope, method: "get" | "head"): OperationObject {
  const { type, words, components, options, operationId } = scope;
  const isGet = method === "get";
  return {
    operationId: operationId(method + type.schemaName),
    tags: [words.tag],
    summary: isGet
      ? `Retrieves the status and details of ${words.one}`
      : `Retrieves the headers of the status and details of ${words.one}`,
    description:
      "In progress: `Retry-After` is present, with the time until the next poll. Settled: it is absent. Succeeded: settled, without `error`.",
    parameters: [
      idParameter(components),
      fieldsParameter(components),
      ...parameters(components, ["PreferWait", "IfNoneMatch", "LastEventId"]),
    ],
    responses: {
      "200": shownResponse(scope, isGet),
      "204": {
        description:
          "Response to a reconnecting event stream whose client has received the last event: do not reconnect.",
      },
      "304": notModifiedResponse(scope),
      ...problems(components, [...commonProblems(options), "NotFound"]),
    },
  };
}

function put(scope: Scope): OperationObject {
  const { type, words, components, options, operationId } = scope;
  const mayChange = type.operations.has("update");
  // An id used by another owner looks like a missing resource, and cannot be created either.
  const notFound = options.authenticate === undefined ? [] : (["NotFound"] as const);
  return {
    operationId: operationId(`put${type.schemaName}`),
    tags: [words.tag],
    summary: mayChange ? `Creates or changes ${words.one} of a given id` : `Creates ${words.one} of a given id`,
    description: mayChange
      ? `Creates the ${words.name} under an id chosen by the client, or replaces the configuration of an existing one.`
      : `Creates the ${words.name} under an id chosen by the client. Its configuration cannot be changed.`,
    parameters: [
      idParameter(components),
      ...parameters(components, ["Prefer", "IdempotencyKey", "IfMatch", "IfNoneMatchAny"]),
    ],
    requestBody: configurationBody(scope, "put"),
    responses: {
      "200": settledResponse(scope, "Settled within the requested wait, or already in the requested state"),
      "202": acceptedResponse(
        scope,
        mayChange ? "Creation or change initiated" : `${capital(words.name)} creation initiated`,
      ),
      ...problems(components, [
        ...writeProblems(scope),
        ...notFound,
        mayChange ? "OperationInProgress" : "MethodNotAllowed",
        "Invalid",
      ]),
    },
  };
}

function patch(scope: Scope): OperationObject {
  const { type, words, components, operationId } = scope;
  return {
    operationId: operationId(`update${type.schemaName}`),
    tags: [words.tag],
    summary: `Changes the configuration of ${words.one}`,
    description: `Merged onto the configuration sent before. While the change is in progress, GET shows the target configuration.${type.representation.metadata ? METADATA_NOTE : ""}`,
    parameters: [idParameter(components), ...parameters(components, ["Prefer", "IdempotencyKey", "IfMatch"])],
    requestBody: patchBody(scope),
    responses: {
      "200": settledResponse(scope, "Settled within the requested wait, or nothing to change"),
      "202": acceptedResponse(scope, "Change initiated"),
      ...problems(components, [
        ...writeProblems(scope),
        "NotFound",
        type.operations.has("update") ? "OperationInProgress" : "MethodNotAllowed",
        "Invalid",
      ]),
    },
  };
}

const METADATA_NOTE = " A patch of `metadata` alone starts no operation, and is accepted while one is in progress.";

function remove(scope: Scope): OperationObject {
  const { type, words, components, operationId } = scope;
  const works = type.operations.has("delete");
  return {
    operationId: operationId(`delete${type.schemaName}`),
    tags: [words.tag],
    summary: `Deletes ${words.one}`,
    description: "An operation in progress is cancelled first. The request may be repeated.",
    parameters: [idParameter(components), ...parameters(components, ["Prefer", "IfMatch"])],
    responses: {
      "202": acceptedResponse(
        scope,
        works ? "Deletion initiated" : "Deleted as soon as the operation in progress is cancelled",
      ),
      ...(works ? {} : { "204": { description: "Deleted" } }),
      ...problems(components, [...writeProblems(scope), "NotFound"]),
    },
  };
}

function writeProblems({ type, options }: Scope): readonly ProblemGroupName[] {
  const required = options.preconditionRequired ? (["PreconditionRequired"] as const) : [];
  return [
    ...commonProblems(options),
    ...WRITE_PROBLEMS,
    "PreconditionFailed",
    ...required,
    ...limitProblems(type, options),
  ];
}
