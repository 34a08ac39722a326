import { awaitedChild, recordedChild } from "../../core/children/parent-link.ts";
import { createId } from "../../core/ids.ts";
import type { ChildState } from "../../core/ports/messages.ts";
import { type ResourceKey, resourceKeyText, type StepRecord } from "../../core/resource.ts";
import type { Attempt } from "../attempt/attempt.ts";
import { toWorkError } from "../attempt/failure.ts";

/** The result of the removal of some children. */
export interface Removal {
  /** Names under which to wait for those that are not gone yet. */
  readonly awaited: readonly string[];
  /** The error of the first one that could not be deleted. */
  readonly failure?: unknown;
}

/** Undoes calls of `child`: deletes the children, and records those as undone that are gone. */
export async function undoChildren(attempt: Attempt, records: readonly StepRecord[]): Promise<Removal> {
  const states = new Map(attempt.grant.children?.states.map((state) => [resourceKeyText(state), state]));
  const calls = records.flatMap((record) => {
    const key = recordedChild(record);
    const state = key && states.get(resourceKeyText(key));
    return key === undefined ? [] : [{ step: record.step, key, state }];
  });
  const isGone = ({ state }: (typeof calls)[number]): boolean => state?.state === "absent";
  await Promise.all(calls.filter(isGone).map(({ step }) => attempt.record({ step, state: "undone", undo: true })));
  return removeChildren(
    attempt,
    calls.filter((each) => !isGone(each)).map(({ key, state }) => state ?? key),
  );
}

/** Requests the delete of children, except of those that are being deleted. */
export async function removeChildren(
  attempt: Attempt,
  children: readonly (ChildState | ResourceKey)[],
): Promise<Removal> {
  const failed = children.find((child) => "state" in child && hasFailed(child));
  if (failed !== undefined && "error" in failed && failed.error !== undefined) {
    return { awaited: [], failure: toWorkError(failed.error) };
  }
  await Promise.all(children.filter((child) => !("state" in child) || !isUnderWay(child)).map(requestDelete));
  return { awaited: children.map(awaitedChild) };

  async function requestDelete({ type, id }: ResourceKey): Promise<void> {
    const operation = createId(attempt.serverNow);
    const child = { command: "delete", type, id, operation } as const;
    await attempt.record({ step: `delete:${id}`, state: "started", undo: false, child });
  }
}

function isUnderWay({ state, isDeleting }: ChildState): boolean {
  return state === "in-progress" && isDeleting;
}

/** Returns true if a delete that this try has requested has failed. */
function hasFailed({ state, isDeleting, isOfEarlierTry }: ChildState): boolean {
  return state === "failed" && isDeleting && !isOfEarlierTry;
}
