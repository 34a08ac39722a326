import { type CallToolResult, ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { ApiReply } from "../api.ts";
import type { Call } from "../call.ts";
import { formResponse } from "../form.ts";
import { representationResult, textResult } from "../results.ts";
import type { Toolbox } from "../tools/toolbox.ts";
import { requireTasks } from "./extension.ts";
import { ApiFailure, isMissing, readOperation, type ShownOperation } from "./operation.ts";
import { parseTaskId, taskIdOf, type TaskReference } from "./task-id.ts";
import { inputKey, inputRequests, statusMessage, taskFields } from "./task.ts";

type Result = Record<string, unknown>;

interface FoundTask {
  readonly reference: TaskReference;
  readonly type: ResourceType;
  readonly operation: ShownOperation;
}

const COMPLETE = { resultType: "complete" };

/** `tasks/get`: the state of a task, with its result once it is completed. */
export async function getTask(toolbox: Toolbox, taskId: unknown, call: Call): Promise<Result> {
  requireTasks(call);
  return withApiErrors(async () => {
    const found = await findTask(toolbox, taskId, call);
    const fields = { ...COMPLETE, ...taskFields(found.reference, found.operation, call.options.retention) };
    const { type, reference, operation } = found;
    const resource = await call.api({ method: "GET", path: `${type.path}/${reference.id}` });
    switch (operation.status) {
      case "Running":
        return { ...fields, ...runningState(found, resource.body, call, toolbox) };
      case "Canceled":
        return { ...fields, status: "cancelled", statusMessage: operation.error?.message ?? "Cancelled." };
      case "Succeeded":
        return { ...fields, status: "completed", result: { ...COMPLETE, ...successResult(type, resource) } };
      case "Failed":
        return { ...fields, ...failedState(found, resource) };
    }
  });
}

function runningState(
  { type, operation }: FoundTask,
  shown: Readonly<Record<string, unknown>>,
  { supportsForms }: Call,
  toolbox: Toolbox,
): Result {
  const forms = supportsForms ? inputRequests(type, operation, shown) : {};
  const tools = operation.awaiting.flatMap(({ name }) => toolbox.nameOf(type, name) ?? []);
  const hint = tools.length === 0 ? "" : `; waits for ${tools.join(", ")}`;
  const message = { statusMessage: statusMessage(type, shown) + hint };
  if (Object.keys(forms).length === 0) return { ...message, status: "working" };
  return { ...message, status: "input_required", inputRequests: forms };
}

function successResult(type: ResourceType, resource: ApiReply): CallToolResult {
  if (resource.status === 200) return representationResult(type, resource.body);
  return textResult(`Done. The ${type.name.replaceAll("-", " ")} does not exist any more.`);
}

/** An error that work did not foresee is one of the server; any other is a result, which a model can act on. */
function failedState({ type, operation }: FoundTask, resource: ApiReply): Result {
  const { code, message } = operation.error ?? { code: "internal", message: "The operation failed." };
  if (code === "internal") {
    return { status: "failed", error: { code: ProtocolErrorCode.InternalError, message, data: { code } } };
  }
  const result =
    resource.status === 200
      ? representationResult(type, resource.body, { isError: true, notes: [`Failed: ${message} (${code})`] })
      : textResult(`Failed: ${message} (${code})`, { isError: true });
  return { status: "completed", result: { ...COMPLETE, ...result } };
}

/** `tasks/update`: sends the responses to forms as messages. Ignores those that the operation does not wait for (any more). */
export async function updateTask(toolbox: Toolbox, taskId: unknown, call: Call): Promise<Result> {
  requireTasks(call);
  return withApiErrors(async () => {
    const { reference, operation, type } = await findTask(toolbox, taskId, call);
    for (const message of operation.awaiting) {
      const key = inputKey(message);
      const response = formResponse(call.inputResponses[key]);
      if (response?.action !== "accept") continue;
      // The same key for a repetition, which a client sends after a lost response.
      const idempotencyKey = `mcp:${taskIdOf(reference)}:${key}`;
      const path = `${type.path}/${reference.id}/${message.name}`;
      await postToOperation(call, reference, { path, body: response.content, idempotencyKey });
    }
    return { ...COMPLETE };
  });
}

/** `tasks/cancel`: requests the cancellation. A task that has ended stays as it is. */
export async function cancelTask(toolbox: Toolbox, taskId: unknown, call: Call): Promise<Result> {
  requireTasks(call);
  return withApiErrors(async () => {
    const { reference, type } = await findTask(toolbox, taskId, call);
    await postToOperation(call, reference, { path: `${type.path}/${reference.id}/cancel` });
    return { ...COMPLETE };
  });
}

interface OperationPost {
  readonly path: string;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
}

/** Maximum number of times that a post is repeated because the resource has changed meanwhile. */
const MAX_TRIES = 20;

/**
 * Posts to the operation of a task while it is in progress, and to no later one of the same resource: the post is conditional on the
 * state that was read before the operation was found running. Does nothing if it has ended.
 */
async function postToOperation(call: Call, reference: TaskReference, post: OperationPost): Promise<void> {
  const resource = `${reference.collection}/${reference.id}`;
  for (let tries = 1; ; tries++) {
    const before = await call.api({ method: "GET", path: resource });
    if ((await readOperation(call, reference))?.status !== "Running") return;
    const reply = await call.api({
      method: "POST",
      path: post.path,
      body: post.body,
      headers: { "if-match": before.header("etag"), "idempotency-key": post.idempotencyKey },
    });
    if (reply.status < 400 || reply.status === 409) return;
    if (reply.status !== 412 || tries === MAX_TRIES) throw new ApiFailure(reply);
  }
}

/** @throws ProtocolError the same for a malformed id, an unknown one, and one of another principal */
async function findTask({ types }: Toolbox, taskId: unknown, call: Call): Promise<FoundTask> {
  const reference = parseTaskId(taskId);
  const type = types.find(({ path }) => path === reference?.collection);
  const operation = reference === undefined || type === undefined ? undefined : await readOperation(call, reference);
  if (reference !== undefined && type !== undefined && operation !== undefined) return { reference, type, operation };
  throw unknownTask();
}

function unknownTask(): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, "There is no task with this id.");
}

/** Converts rejections of the API to JSON-RPC errors. */
async function withApiErrors(answer: () => Promise<Result>): Promise<Result> {
  try {
    return await answer();
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    throw apiError(error.reply);
  }
}

function apiError(reply: ApiReply): ProtocolError {
  if (isMissing(reply)) return unknownTask();
  const { detail, code, errors } = reply.body;
  const retryAfter = Number(reply.header("retry-after"));
  const isOwn = reply.status >= 500 || reply.status === 429;
  return new ProtocolError(isOwn ? ProtocolErrorCode.InternalError : ProtocolErrorCode.InvalidParams, String(detail), {
    code,
    status: reply.status,
    ...(errors === undefined ? {} : { errors }),
    ...(Number.isFinite(retryAfter) ? { retryAfter } : {}),
  });
}
