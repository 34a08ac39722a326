import type { HistoryEventName } from "../../../core/history.ts";
import type { JsonSchema } from "../../../core/json/schema.ts";
import { headers } from "../headers.ts";
import type { PathItem } from "../open-api.ts";
import { idParameter, limitParameter, parameters } from "../parameters.ts";
import { commonProblems, problems } from "../problem-responses.ts";
import type { Scope } from "../scope.ts";

export function historyPath({ type, words, components, options, operationId }: Scope): PathItem {
  return {
    get: {
      operationId: operationId(`get${type.schemaName}History`),
      tags: [words.tag],
      summary: `Retrieves the history of ${words.one}`,
      description: "Operations, attempts, status changes, steps and errors with their times, in pages, earliest first.",
      parameters: [idParameter(components), limitParameter(100, 1000), ...parameters(components, ["After"])],
      responses: {
        "200": {
          description: `A page of the ${words.name}'s history`,
          headers: headers(components, ["Link"]),
          content: { "application/json": { schema: components.schema("", "History", historySchema) } },
        },
        ...problems(components, [...commonProblems(options), "NotFound"]),
      },
    },
  };
}

function historySchema(): JsonSchema {
  return {
    type: "object",
    title: "Page of a history",
    required: ["items"],
    properties: {
      items: { type: "array", items: ENTRY },
      next: { type: "string", description: "Cursor to send as `after` for the next page; absent on the last page." },
    },
  };
}

const ENTRY: JsonSchema = {
  type: "object",
  required: ["at", "event", "operation", "kind", "attempt"],
  properties: {
    at: { type: "string", format: "date-time" },
    event: { type: "string", description: "Kind of event.", enum: Object.keys(eventNames()) },
    operation: { type: "string", description: "The id of the operation." },
    kind: { type: "string", description: "`create`, `update`, `delete`, or the name of an action." },
    attempt: { type: "integer", minimum: 0, description: "Attempt of the operation; 0 before the first." },
    status: { type: "string", description: "The status label shown from then on." },
    step: { type: "string", description: "The step of the work, or the message received." },
    error: {
      type: "object",
      required: ["code", "title", "detail", "retryable"],
      properties: {
        code: { type: "string" },
        title: { type: "string" },
        detail: { type: "string" },
        retryable: { type: "boolean" },
      },
    },
  },
};

/** Returns all event names. The type ensures that none is missing. */
function eventNames(): Readonly<Record<HistoryEventName, true>> {
  return {
    accepted: true,
    claimed: true,
    status: true,
    "step-started": true,
    "step-done": true,
    "step-failed": true,
    "step-undone": true,
    received: true,
    waiting: true,
    "attempt-failed": true,
    "timed-out": true,
    "worker-lost": true,
    "handed-back": true,
    "cancel-requested": true,
    "delete-requested": true,
    "deadline-exceeded": true,
    undoing: true,
    "undo-failed": true,
    succeeded: true,
    failed: true,
    cancelled: true,
    deleted: true,
  };
}
