import type { JsonSchema } from "../../../core/json/schema.ts";
import type { ServerOptions } from "../../options.ts";
import { pacingHeader } from "../headers.ts";
import type { PathItem } from "../open-api.ts";
import { operationIdParameter } from "../parameters.ts";
import { commonProblems, problems } from "../problem-responses.ts";
import type { Components } from "../schemas/components.ts";

export const OPERATIONS_TAG = {
  name: "Operations",
  description: "Operations for themselves, for clients that follow those rather than resources.",
};

/** The view of operations that clients of the status-monitor style follow. */
export function operationPath(components: Components, options: ServerOptions, operationId: string): PathItem {
  return {
    get: {
      operationId,
      tags: [OPERATIONS_TAG.name],
      summary: "Retrieves the status of an operation",
      description: "Take its URL from `Operation-Location`.",
      parameters: [
        operationIdParameter(),
        {
          name: "resource",
          in: "query",
          description:
            "The resource it is of, as `Operation-Location` names it: with it, earlier operations are found too.",
          schema: { type: "string" },
        },
      ],
      responses: {
        "200": {
          description: "Current status of the operation",
          headers: { "Retry-After": pacingHeader(components) },
          content: { "application/json": { schema: components.schema("", "Operation", operationSchema) } },
        },
        ...problems(components, [...commonProblems(options), "OperationNotFound"]),
      },
    },
  };
}

function operationSchema(): JsonSchema {
  return {
    type: "object",
    title: "Operation",
    required: ["id", "status", "resource"],
    properties: {
      id: { type: "string" },
      status: { type: "string", enum: ["Running", "Succeeded", "Failed", "Canceled"] },
      percentComplete: { type: "integer", minimum: 0, maximum: 100 },
      error: {
        type: "object",
        description: "Why it failed or was cancelled.",
        required: ["code", "message"],
        properties: { code: { type: "string" }, message: { type: "string" } },
      },
      resource: { type: "string", format: "uri-reference", description: "The resource that it changes." },
    },
  };
}
