import type { Change } from "../../../core/change.ts";
import type { Policies } from "../../../core/policy.ts";
import type { ApplyResult, GrantedOperation } from "../../../core/ports/store.ts";
import { applyChange } from "../../apply-change.ts";
import type { Tables } from "../tables/tables.ts";
import { createClaiming, createDueCounting } from "./claim.ts";
import { adjustToClock } from "./clock.ts";
import type { WriteCall, WriteReply } from "./protocol.ts";
import { createPurging } from "./purge.ts";

/** A call about to run: its entries one by one, and the reply after they have run. */
export interface PreparedCall {
  readonly entries: readonly (() => void)[];
  readonly reply: () => WriteReply;
}

const FULL: PreparedCall = { entries: [], reply: () => ({ result: "full" }) };

/** @param isFull returns true while the disk is full: then calls that need room are replied to without a try */
export function createPreparing(
  allTables: Tables,
  policies: Policies,
  isFull: () => boolean,
): (call: WriteCall) => PreparedCall {
  const tables = { ...allTables, countDue: createDueCounting(allTables) };
  const claim = createClaiming(tables, policies, isFull);
  const purge = createPurging(tables);
  return (call) => {
    switch (call.call) {
      case "apply": {
        const applied: ApplyResult[] = [];
        const changes = isFull() ? call.changes.filter((change) => !needsRoom(tables, change)) : call.changes;
        const entries = changes.map((change) => () => void applied.push(applyChange(tables, policies, change)));
        const isComplete = changes.length === call.changes.length;
        return { entries, reply: () => (isComplete ? { result: "applied", applied } : { result: "full" }) };
      }
      case "claim": {
        const granted: (readonly GrantedOperation[])[] = [];
        const entries = call.requests.map((request) => () => void granted.push(claim(request)));
        // On a full disk an empty claim is repeated later, as other operations may be due.
        const isWithheld = (): boolean => isFull() && granted.every((grants) => grants.length === 0);
        return { entries, reply: () => (isWithheld() ? { result: "full" } : { result: "granted", granted }) };
      }
      case "save-durations": {
        if (isFull()) return FULL;
        const entries = call.samples.map((samples) => () => tables.saveDurations(samples));
        return { entries, reply: () => ({ result: "saved" }) };
      }
      case "add-settled":
        return isFull()
          ? FULL
          : { entries: call.counts.map((count) => () => tables.addSettled(count)), reply: () => ({ result: "saved" }) };
      case "purge": {
        let removed = 0;
        return { entries: [() => void (removed = purge(call.request))], reply: () => ({ result: "purged", removed }) };
      }
      case "clock": {
        let adjusted = { movedMs: 0, totalMs: 0 };
        const adjust = (): void => void (adjusted = adjustToClock(tables, call.reading));
        return { entries: [adjust], reply: () => ({ result: "adjusted", ...adjusted }) };
      }
      case "check": {
        if (isFull()) return FULL;
        const rewrite = (): void => tables.meta.set("written_by", tables.meta.get("written_by") ?? "");
        return { entries: [rewrite], reply: () => ({ result: "saved" }) };
      }
      case "count":
        return { entries: [], reply: () => ({ result: "counted", counts: tables.inProgress.counts() }) };
    }
  };
}

/**
 * Returns true if a change stores new data. Deletes and events of running work do not: they lead to room, or keep what
 * was acknowledged.
 */
function needsRoom(tables: Tables, change: Change): boolean {
  const { idempotency } = change;
  // A stored reply is only read.
  if (idempotency !== undefined && tables.reply(idempotency) !== undefined) return false;
  if (change.change === "accept") return change.operation.kind !== "delete";
  const { event } = change;
  return event.event === "received" || (event.event === "recorded" && event.child?.command === "create");
}
