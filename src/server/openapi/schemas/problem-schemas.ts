import type { JsonSchema } from "../../../core/json/schema.ts";
import { PROBLEMS } from "../../../core/problem.ts";

/** Returns the schema of a problem response. */
export function problemSchema(): JsonSchema {
  return {
    type: "object",
    title: "Problem",
    description: "The reason why a request failed, as problem details (RFC 9457).",
    required: ["type", "title", "status", "detail", "code"],
    properties: {
      type: { type: "string", format: "uri", description: "Identifies the kind of problem. Ends with its `code`." },
      title: { type: "string", description: "Name of the kind of problem." },
      status: { type: "integer", minimum: 400, maximum: 599, description: "The HTTP status." },
      detail: { type: "string", description: "The problem with this request, and how to fix it." },
      instance: { type: "string", description: "Path of the request, as it was sent." },
      code: { type: "string", enum: Object.keys(PROBLEMS), description: "Stable code, for programs." },
      errors: {
        type: "array",
        description: "All issues found by a validation.",
        items: {
          type: "object",
          required: ["pointer", "detail"],
          properties: {
            pointer: { type: "string", description: "Location in the body, as JSON Pointer (RFC 6901)." },
            detail: { type: "string", description: "The issue at this location." },
          },
        },
      },
    },
  };
}

/** Returns the schema of the `error` of a resource. */
export function errorSchema(): JsonSchema {
  return {
    type: "object",
    title: "Error of a resource",
    description:
      "The reason why the latest operation did not succeed. Present exactly while the resource is settled without success; removed when " +
      "the next operation is accepted.",
    required: ["type", "title", "detail", "code", "retryable"],
    properties: {
      type: { type: "string", format: "uri", description: "Identifies the kind of error. Ends with its `code`." },
      title: { type: "string", description: "Name of the kind of error." },
      detail: { type: "string", description: "The cause of the failure." },
      code: {
        type: "string",
        description: "Stable code, for programs. `cancelled` after a cancel.",
        examples: ["cancelled"],
      },
      retryable: { type: "boolean", description: "True if a retry of the same operation may succeed." },
    },
  };
}
