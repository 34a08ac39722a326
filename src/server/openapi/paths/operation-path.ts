import type { JsonSchema } from "../../../core/json/schema.ts";
import type { ServerOptions } from "../../options.ts";
import { pacingHeader } from "../headers.ts";
import type { PathItem } from "../open-api.ts";
import { operationIdParameter } from "../parameters.ts";
import { commonProblems, problems } from "../problem-responses.ts";
import type { Components } from "../schemas/components.ts";

export const OPERATIONS_TAG = {
  name: "Operations",
  description: "Status of operations, for clients that follow operations instead of resources.",
};

/** Describes the operation endpoint, for clients of the status-monitor pattern. */
export function operationPath(components: Components, options: ServerOptions, operationId: string): PathItem {
  return {
    get: {
      operationId,
      tags: [OPERATIONS_TAG.name],
      summary: "Retrieves the status of an operation",
      description: "`Operation-Location` contains the URL.",
      parameters: [
        operationIdParameter(),
        {
          name: "resource",
          in: "query",
          description:
            "Resource of the operation, as in `Operation-Location`. It is required to find earlier operations of the resource.",
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
    required: ["id", "status", "resource", "createdAt", "updatedAt"],
    properties: {
      id: { type: "string" },
      status: { type: "string", enum: ["Running", "Succeeded", "Failed", "Canceled"] },
      percentComplete: { type: "integer", minimum: 0, maximum: 100 },
      error: {
        type: "object",
        description: "The reason for a failure or cancellation.",
        required: ["code", "message"],
        properties: { code: { type: "string" }, message: { type: "string" } },
      },
      resource: {
        type: "string",
        format: "uri-reference",
        description: "Path of the resource that the operation changes.",
      },
      createdAt: { type: "string", format: "date-time", description: "Time at which the operation was accepted." },
      updatedAt: { type: "string", format: "date-time", description: "Time of its last change." },
      awaiting: {
        type: "array",
        description:
          "Messages that the operation waits for. Send one by a POST to its name below the resource. Absent if there are none.",
        items: {
          type: "object",
          required: ["name", "number"],
          properties: {
            name: { type: "string", description: "Name of the message." },
            number: {
              type: "integer",
              minimum: 1,
              description:
                "1 for the first message of this name, and so on: different for every message of the operation.",
            },
          },
        },
      },
    },
  };
}
