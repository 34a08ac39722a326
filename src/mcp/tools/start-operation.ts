import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { ApiRequest } from "../api.ts";
import type { Call } from "../call.ts";
import { problemResult, representationResult, textResult } from "../results.ts";
import { requireTasks } from "../tasks/extension.ts";
import { readOperation, type ShownOperation } from "../tasks/operation.ts";
import { referenceFrom, type TaskReference } from "../tasks/task-id.ts";
import { statusMessage, taskFields } from "../tasks/task.ts";
import type { Answer, ToolNames } from "./tool.ts";
import { waitUntilSettled } from "./wait.ts";

interface Start {
  readonly type: ResourceType;
  readonly request: ApiRequest;
  /** True if the call may become a task. A message or a cancel belongs to an operation that has a task already. @default true */
  readonly mayBeTask?: boolean;
}

/** Sends the request of a tool, and returns a task, or waits for the end of the operation. */
export async function startOperation(
  call: Call,
  { type, request, mayBeTask = true }: Start,
  names: ToolNames,
): Promise<Answer> {
  const mode = type.mcp === false ? "never" : (type.mcp?.tasks ?? "optional");
  if (mayBeTask && mode === "required") requireTasks(call);
  const reply = await call.api({
    ...request,
    headers: { ...request.headers, "idempotency-key": call.idempotencyKey },
  });
  if (reply.status >= 400) return problemResult(reply);
  if (reply.status === 204) return textResult("Deleted.");
  const reference = referenceFrom(reply.header("operation-location"));
  if (reply.status !== 202 || reference === undefined) return representationResult(type, reply.body);
  if (mayBeTask && call.supportsTasks && mode !== "never") {
    const operation = await readOperation(call, reference);
    if (operation !== undefined) {
      const fields = taskFields(reference, operation, call.options.retention);
      return { resultType: "task", ...fields, status: "working", statusMessage: statusMessage(type, reply.body) };
    }
  }
  return waitForEnd(call, type, reference, names);
}

/** Waits for the end of an operation, for a client that cannot follow tasks. */
async function waitForEnd(call: Call, type: ResourceType, reference: TaskReference, names: ToolNames): Promise<Answer> {
  const { id } = reference;
  const reply = await waitUntilSettled(call, { type, id, ms: call.waitMs, reference });
  const operation = await readOperation(call, reference);
  if (operation?.status === "Succeeded" && reply.status === 404) return textResult("Deleted.");
  if (reply.status !== 200) return problemResult(reply);
  const isRunning = operation?.status === "Running";
  return representationResult(type, reply.body, {
    isError: operation?.status === "Failed",
    notes: isRunning ? runningNotes(type, id, operation, names) : [],
  });
}

function runningNotes(
  type: ResourceType,
  id: string,
  { awaiting }: ShownOperation,
  names: ToolNames,
): readonly string[] {
  const get = names.nameOf(type, "get");
  const follow =
    get === undefined
      ? `Still in progress. Read afoot://${type.path}/${id} again later.`
      : `Still in progress. Call ${get} with {"id":${JSON.stringify(id)},"waitSeconds":25} to wait for the end.`;
  const messages = awaiting.flatMap(({ name }) => names.nameOf(type, name) ?? []);
  if (messages.length === 0) return [follow];
  return [`It waits for input: call ${messages.join(" or ")} with this id.`, follow];
}
