import type { JsonSchema } from "../../../core/json/schema.ts";
import { PROBLEMS } from "../../../core/problem.ts";

/** A fault of a request. */
export function problemSchema(): JsonSchema {
  return {
    type: "object",
    title: "Problem",
    description: "Why a request was not fulfilled, in the form of RFC 9457.",
    required: ["type", "title", "status", "detail", "code"],
    properties: {
      type: { type: "string", format: "uri", description: "Identifies the kind of problem." },
      title: { type: "string", description: "The kind of problem, in words." },
      status: { type: "integer", minimum: 400, maximum: 599, description: "The HTTP status." },
      detail: { type: "string", description: "What is wrong with this request, and what to do." },
      instance: { type: "string", description: "The path asked for, as it was sent." },
      code: { type: "string", enum: Object.keys(PROBLEMS), description: "Stable, for programs." },
      errors: {
        type: "array",
        description: "Of a validation: every fault at once.",
        items: {
          type: "object",
          required: ["pointer", "detail"],
          properties: {
            pointer: { type: "string", description: "Where in the body: a JSON Pointer (RFC 6901)." },
            detail: { type: "string", description: "What is wrong there." },
          },
        },
      },
    },
  };
}

/** Why an operation did not succeed, as its resource shows it. */
export function errorSchema(): JsonSchema {
  return {
    type: "object",
    title: "Error of a resource",
    description:
      "Why the latest operation did not succeed. Present exactly when the resource is settled and it did not; it goes when the next " +
      "operation is accepted.",
    required: ["type", "title", "detail", "code", "retryable"],
    properties: {
      type: { type: "string", format: "uri", description: "Identifies the kind of error." },
      title: { type: "string", description: "The kind of error, in words." },
      detail: { type: "string", description: "What went wrong." },
      code: {
        type: "string",
        description: "Stable, for programs. `cancelled` after a cancel.",
        examples: ["cancelled"],
      },
      retryable: { type: "boolean", description: "Whether the same operation may succeed on another try." },
    },
  };
}
