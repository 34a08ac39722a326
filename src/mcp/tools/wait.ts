import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { ApiReply } from "../api.ts";
import type { Call } from "../call.ts";
import { readOperation } from "../tasks/operation.ts";
import type { TaskReference } from "../tasks/task-id.ts";

interface Wait {
  readonly type: ResourceType;
  readonly id: string;
  readonly ms: number;
  /** The operation that was started. The wait ends early if it waits for a message. @default unknown */
  readonly reference?: TaskReference | undefined;
}

/** Interval at which a wait checks if the operation waits for a message: that alone changes no representation. */
const CHECK_SECONDS = 1;

/** Reads a resource until it is settled, for at most `ms`. Returns the last reply. */
export async function waitUntilSettled(call: Call, { type, id, ms, reference }: Wait): Promise<ApiReply> {
  const path = `${type.path}/${id}`;
  const endAt = performance.now() + ms;
  const mayAwait = reference !== undefined && type.receives.size > 0;
  let reply = await call.api({ method: "GET", path });
  for (;;) {
    const startedAt = performance.now();
    const remaining = Math.round((endAt - startedAt) / 1000);
    if (reply.status !== 200 || reply.header("retry-after") === undefined || remaining < 1) return reply;
    await call.notify(reply.body);
    if (mayAwait && (await isAwaiting(call, reference))) return reply;
    const seconds = mayAwait ? CHECK_SECONDS : remaining;
    const headers = { "if-none-match": reply.header("etag"), prefer: `wait=${seconds}` };
    const next = await call.api({ method: "GET", path, headers });
    // A busy or stopping server does not let requests wait.
    const hasWaited = performance.now() - startedAt > seconds * 500;
    if (next.status >= 500 || (next.status === 304 && !hasWaited)) return reply;
    if (next.status !== 304) reply = next;
  }
}

async function isAwaiting(call: Call, reference: TaskReference): Promise<boolean> {
  const view = await readOperation(call, reference);
  return (view?.awaiting.length ?? 0) > 0;
}
