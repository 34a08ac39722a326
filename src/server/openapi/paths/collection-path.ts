import { configurationBody } from "../bodies.ts";
import { headers, pacingHeader } from "../headers.ts";
import type { OperationObject, PathItem } from "../open-api.ts";
import { fieldsParameter, filterParameters, limitParameter, parameters, statusParameter } from "../parameters.ts";
import { WRITE_PROBLEMS, commonProblems, limitProblems, problems } from "../problem-responses.ts";
import { acceptedResponse, settledResponse } from "../responses.ts";
import { selectableRef } from "../schemas/representation-schema.ts";
import type { Scope } from "../scope.ts";
import { callbacksOf } from "../webhooks.ts";
import { capital } from "../words.ts";

export function collectionPath(scope: Scope): PathItem {
  return { get: list(scope), post: create(scope) };
}

function list(scope: Scope): OperationObject {
  const { type, words, components, options, operationId } = scope;
  return {
    operationId: operationId(`list${capital(camelPath(type.path))}`),
    tags: [words.tag],
    summary: `Lists ${words.many}`,
    description: `The ${words.many} that belong to the client, in pages, newest first.`,
    parameters: [
      statusParameter(type),
      ...filterParameters(type),
      limitParameter(50, 200),
      ...parameters(components, ["After"]),
      fieldsParameter(components),
    ],
    responses: {
      "200": {
        description: `A page of ${words.many}`,
        headers: { "Retry-After": pacingHeader(components), ...headers(components, ["Link"]) },
        content: {
          "application/json": {
            schema: components.schema(type.name, `${type.schemaName}List`, () => ({
              type: "object",
              title: `Page of ${words.many}`,
              required: ["items"],
              properties: {
                items: { type: "array", items: selectableRef(scope) },
                next: {
                  type: "string",
                  description: "Cursor to send as `after` for the next page; absent on the last page.",
                },
                ...(type.policy.updatedAfter === true
                  ? {
                      updatedAfter: {
                        type: "string",
                        format: "date-time",
                        description: "On the last page of a list by change: the `updatedAfter` of the next poll.",
                      },
                    }
                  : {}),
              },
            })),
          },
        },
      },
      ...problems(components, commonProblems(options)),
    },
  };
}

function create(scope: Scope): OperationObject {
  const { type, words, components, options, operationId } = scope;
  return {
    operationId: operationId(`create${type.schemaName}`),
    tags: [words.tag],
    summary: `Creates a new ${words.name}`,
    description:
      `${noteOf(scope)}Responds at once, while the ${words.name} is being created in the background. Poll its \`Location\` with GET until the response ` +
      "has no `Retry-After`.",
    parameters: parameters(components, ["Prefer", "IdempotencyKey"]),
    requestBody: configurationBody(scope, "post"),
    responses: {
      "201": settledResponse(scope, `The ${words.name} was settled within the requested wait`),
      "202": acceptedResponse(scope, `${capital(words.name)} creation initiated`),
      ...problems(components, [
        ...commonProblems(options),
        ...WRITE_PROBLEMS,
        "Invalid",
        ...limitProblems(type, options),
      ]),
    },
    ...callbacksOf(scope),
  };
}

/** Returns the description of the operation, followed by a space; empty if it has none. */
function noteOf({ type }: Scope): string {
  const description = type.operations.get("create")?.description;
  return description === undefined ? "" : `${description} `;
}

function camelPath(path: string): string {
  return path.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
