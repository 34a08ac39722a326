import { camelCase, pascalCase } from "../../../core/definition/names.ts";
import type { DeclaredSchema } from "../../../core/definition/resource-type.ts";
import { actionBody, valueBody } from "../bodies.ts";
import type { OperationObject, PathItem, RequestBody } from "../open-api.ts";
import { idParameter, parameters } from "../parameters.ts";
import {
  WRITE_PROBLEMS,
  commonProblems,
  limitProblems,
  type ProblemGroupName,
  problems,
} from "../problem-responses.ts";
import { acceptedResponse, settledResponse } from "../responses.ts";
import type { Scope } from "../scope.ts";
import { capital } from "../words.ts";

/** Operation kinds that are requested by an HTTP method instead of a path. */
const METHOD_KINDS: ReadonlySet<string> = new Set(["create", "update", "delete"]);

/** Returns the paths for POST below a resource by path segment: cancel, retry, actions, messages. */
export function memberPaths(scope: Scope): ReadonlyMap<string, PathItem> {
  const { type, words, options } = scope;
  const paths = new Map([
    ["cancel", cancel(scope)],
    ["retry", retry(scope)],
  ]);
  for (const action of type.operations.values()) {
    const { kind, policy, description } = action;
    if (METHOD_KINDS.has(kind)) continue;
    const verb = kind.replaceAll("-", " ");
    paths.set(kind, {
      operationId: camelCase(kind) + type.schemaName,
      summary: `${capital(verb)}: an action on ${words.one}`,
      description: `${description ?? "Starts the action."} While it is in progress, the status is ${policy.status} or a label that its work reports.`,
      accepted: `Action ${kind} initiated`,
      problems: ["OperationInProgress", ...limitProblems(type, options)],
      body: actionBody(scope, action),
    });
  }
  for (const [name, declared] of type.receives) {
    paths.set(name, {
      operationId: `send${type.schemaName}${pascalCase(name)}`,
      summary: `Sends ${name.replaceAll("-", " ")} to ${words.one}`,
      description: `${noteOf(declared)}Stores the message for the work that waits, or will wait, for it.`,
      accepted: "Message stored",
      problems: ["Settled", "MessageTooLarge"],
      body: valueBody(scope, pascalCase(name), declared),
    });
  }
  return new Map([...paths].map(([segment, member]) => [segment, pathItem(scope, segment, member)]));
}

/** Returns the description in the schema of a message, followed by a space; empty if it has none. */
function noteOf({ input: { description } }: DeclaredSchema): string {
  return typeof description === "string" ? `${description} ` : "";
}

interface Member {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly accepted: string;
  readonly problems: readonly ProblemGroupName[];
  readonly body?: RequestBody;
}

function cancel({ type, words }: Scope): Member {
  return {
    operationId: `cancel${type.schemaName}`,
    summary: `Cancels the operation in progress of ${words.one}`,
    description: "Completed steps are undone first. The operation may still succeed if its end was already reported.",
    accepted: "Cancellation initiated",
    problems: ["NotCancellable"],
  };
}

function retry({ type, words, options }: Scope): Member {
  return {
    operationId: `retry${type.schemaName}`,
    summary: `Retries the failed or cancelled operation of ${words.one}`,
    description: "Starts the latest operation again. Its recorded steps are not repeated.",
    accepted: "Retry initiated",
    problems: ["NotRetryable", ...limitProblems(type, options)],
  };
}

function pathItem(scope: Scope, segment: string, member: Member): PathItem {
  const { words, components, options, operationId } = scope;
  const post: OperationObject = {
    operationId: operationId(member.operationId, segment),
    tags: [words.tag],
    summary: member.summary,
    description: member.description,
    parameters: [idParameter(components), ...parameters(components, ["Prefer", "IdempotencyKey", "IfMatch"])],
    ...(member.body === undefined ? {} : { requestBody: member.body }),
    responses: {
      "200": settledResponse(scope, "Settled within the requested wait"),
      "202": acceptedResponse(scope, member.accepted),
      ...problems(components, [
        ...member.problems,
        ...commonProblems(options),
        ...WRITE_PROBLEMS,
        "NotFound",
        "PreconditionFailed",
        "Invalid",
      ]),
    },
  };
  return { post };
}
