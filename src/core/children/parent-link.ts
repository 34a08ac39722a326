import { isJsonObject, type JsonText } from "../json/json.ts";
import type { Operation } from "../operation.ts";
import { type Resource, type ResourceKey, resourceKeyText, type StepRecord } from "../resource.ts";

/**
 * Identifies one try of an operation. It changes after each failure, so that work that runs again can distinguish the
 * failure of a child that it has already seen from a new one.
 */
export function tryOf({ id, failures, undoFailures }: Operation): string {
  return `${id}.${failures}.${undoFailures}`;
}

/** Returns true if the latest operation of a child was begun by an earlier try of its parent's operation. */
export function isOfEarlierTry(child: Pick<Resource, "parent">, parent: Resource): boolean {
  return child.parent?.madeBy !== tryOf(parent.operation);
}

/** Prefix of the names under which an operation waits for its children. No message of a client can have it. */
const CHILD_PREFIX = "child:";

/** Returns the name under which an operation waits for a child. */
export function awaitedChild(key: ResourceKey): string {
  return CHILD_PREFIX + resourceKeyText(key);
}

/** Returns true for the name of an awaited child, which is no message. */
export function isAwaitedChild(name: string): boolean {
  return name.startsWith(CHILD_PREFIX);
}

/** Returns the recorded result of a call of `child`. */
export function childResult({ type, id }: ResourceKey): JsonText {
  return JSON.stringify({ child: { type, id } });
}

/** Returns the child that a record of `child` names; undefined for any other record. */
export function recordedChild({ result }: Pick<StepRecord, "result">): ResourceKey | undefined {
  if (result === null || !result.startsWith('{"child":')) return undefined;
  const recorded: unknown = JSON.parse(result);
  const child = isJsonObject(recorded) ? recorded["child"] : undefined;
  if (!isJsonObject(child)) return undefined;
  const { type, id } = child;
  return typeof type === "string" && typeof id === "string" ? { type, id } : undefined;
}

/** Returns the step under which the wait for a child is recorded. */
export function settledStep(name: string): string {
  return `settled:${name}`;
}
