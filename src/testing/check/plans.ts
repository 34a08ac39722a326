import type { FinishedRun, Plan, PlannedCommit } from "./run-once.ts";

/** A crash just before and just after every commit. Before a claim, there is no worker to lose. */
export function crashPlans({ commits }: FinishedRun): readonly Plan[] {
  return commits.flatMap((commit) => crashesAt(commit));
}

/** A cancel after every commit, during every function of a step, and after a crash that loses the result of a step. */
export function cancelPlans({ commits, functions }: FinishedRun): readonly Plan[] {
  const cancellable = commits.filter(({ isCancellable }) => isCancellable);
  if (cancellable.length === 0) return [];
  const done = commits.filter(({ state, step = "" }) => state === "done" && functions.includes(step));
  return [
    ...cancellable.map((commit) => ({ label: `with a cancel after ${nameOf(commit)}`, cancelAfter: commit.number })),
    ...functions.map((step, index) => ({ label: `with a cancel during "${step}"`, cancelDuring: index + 1 })),
    ...done
      .flatMap((commit) => crashesAt(commit).slice(0, 1))
      .map((crash) => ({ ...crash, label: `${crash.label} and a cancel`, cancelOnLoss: true })),
  ];
}

/** A crash at every commit of undoing, in the latest cancel with the most undos: once with all results, once with a lost one. */
export function undoCrashPlans(runs: readonly FinishedRun[]): readonly Plan[] {
  return [false, true].flatMap((isLost) => {
    const cancelled = runs.filter(({ plan }) => (plan.cancelOnLoss === true) === isLost);
    const [longest] = cancelled.toReversed().toSorted((a, b) => undosOf(b).length - undosOf(a).length);
    if (longest === undefined) return [];
    const { label, crashes: earlier = [], ...plan } = longest.plan;
    return undosOf(longest)
      .flatMap((commit) => crashesAt(commit))
      .map((crash) => ({
        ...plan,
        ...crash,
        label: `${label} and ${crash.label.slice("with ".length)}`,
        crashes: [...earlier, ...(crash.crashes ?? [])],
      }));
  });
}

function undosOf({ commits }: FinishedRun): readonly PlannedCommit[] {
  return commits.filter(({ event, state }) => event === "undone" || state === "undone");
}

function crashesAt(commit: PlannedCommit): readonly Plan[] {
  const { number, event, state, step } = commit;
  const sides = event === "claimed" ? (["after"] as const) : (["before", "after"] as const);
  return sides.map((at) => ({
    label: `with a crash ${at} ${nameOf(commit)}`,
    crashes: [{ at, commit: number }],
    step,
    isCrashOfUndo: state === "undone",
  }));
}

function nameOf({ number, event, step, state }: PlannedCommit): string {
  return `commit ${number} (${step === undefined ? event : `"${step}" ${state}`})`;
}
