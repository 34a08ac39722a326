import type { LedgerLine } from "./ledger.ts";
import { type Ended, EXPECTED, UNDOABLE } from "./report.ts";

/** Compares the histories with the effects of the work. Returns every violation. */
export function check(ended: readonly Ended[], ledger: readonly LedgerLine[]): readonly string[] {
  const byId = Map.groupBy(ledger, ({ id }) => id);
  const known = new Set(ended.map(({ made }) => made.id));
  const strangers = [...byId.keys()]
    .filter((id) => !known.has(id))
    .map((id) => `${id}: work ran for a resource that nobody was promised`);
  return [
    ...strangers,
    ...ended.flatMap((each) =>
      checkOne(each, byId.get(each.made.id) ?? []).map((fault) => `${each.made.location}: ${fault}`),
    ),
  ];
}

function checkOne(ended: Ended, ledger: readonly LedgerLine[]): readonly string[] {
  const expected = EXPECTED[ended.made.behaviour];
  const outcome =
    ended.status === expected
      ? []
      : [`${ended.made.behaviour} work ended as ${ended.status}: ${JSON.stringify(ended.body["error"])}`];
  return [
    ...outcome,
    ...ranAgain(ended, ledger),
    ...keysDiffer(ledger),
    ...(expected === "Ready" ? undoneInVain(ledger) : undoIncomplete(ended, ledger)),
  ];
}

/**
 * Checks that a recorded step begins neither in a later attempt nor a second time in its own. Compares attempts, because
 * the clock of the history and that of the log differ.
 */
function ranAgain({ history }: Ended, ledger: readonly LedgerLine[]): readonly string[] {
  const faults: string[] = [];
  for (const { event, step, attempt } of history) {
    if (event !== "step-done" || step === undefined) continue;
    const begun = ledger.filter((line) => line.what === "begun" && line.step === step);
    const later = begun.find((line) => line.attempt > attempt);
    if (later !== undefined) {
      faults.push(`step ${step} was recorded in attempt ${attempt} and begun again in attempt ${later.attempt}`);
    }
    if (begun.filter((line) => line.attempt === attempt).length > 1) {
      faults.push(`step ${step} was begun twice in attempt ${attempt}, which recorded it`);
    }
    const times = history.filter((line) => line.event === "step-done" && line.step === step).length;
    if (times > 1) faults.push(`step ${step} was recorded ${times} times`);
  }
  return faults;
}

function keysDiffer(ledger: readonly LedgerLine[]): readonly string[] {
  return [...Map.groupBy(ledger, ({ step }) => step)]
    .filter(([, lines]) => new Set(lines.map(({ key }) => key)).size > 1)
    .map(([step]) => `step ${step} was given different idempotency keys`);
}

function undoneInVain(ledger: readonly LedgerLine[]): readonly string[] {
  return ledger
    .filter(({ what }) => what === "undone")
    .map(({ step }) => `step ${step} was undone though the operation succeeded`);
}

/** Checks that every begun step is undone, the last one first. Around a kill, an undo may run twice in a row. */
function undoIncomplete({ history }: Ended, ledger: readonly LedgerLine[]): readonly string[] {
  const started = history.filter(({ event, step = "" }) => event === "step-started" && UNDOABLE.has(step));
  const begun = [...new Set(started.map(({ step }) => step))];
  const undone = [...new Set(ledger.filter(({ what }) => what === "undone").map(({ step }) => step))];
  const ran = ledger
    .filter(({ what, step }) => what === "begun" && !begun.includes(step))
    .map(({ step }) => `step ${step} ran before its beginning was recorded`);
  const order =
    JSON.stringify(undone) === JSON.stringify(begun.toReversed())
      ? []
      : [`begun ${begun.join(", ")}; undone ${undone.join(", ") || "nothing"}`];
  return [...ran, ...order];
}
