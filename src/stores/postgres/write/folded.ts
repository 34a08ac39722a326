import type { Policies } from "../../../core/policy.ts";
import type { Applied } from "../../../core/ports/store.ts";
import type { Change } from "../../../core/state-machine/change.ts";
import { applyChange } from "../../apply-change.ts";
import { createDraft, type Draft, type DraftStart } from "./draft.ts";

/** What came of a batch, before it is written. */
export interface Folded {
  readonly draft: Draft;
  readonly applied: readonly Applied[];
}

export function foldOver(start: DraftStart, policies: Policies, changes: readonly Change[]): Folded {
  const draft = createDraft(start);
  return { draft, applied: changes.map((change) => applyChange(draft, policies, change)) };
}
