import type { ResourceSpec } from "../../core/definition/resource-type.ts";
import { virtualClock } from "../virtual-clock.ts";
import { RecordedEffects } from "./effects.ts";
import type { Finding, Report } from "./finding.ts";
import { judgeCancel, judgeCrash, judgeUndo } from "./judge.ts";
import { cancelPlans, crashPlans, undoCrashPlans } from "./plans.ts";
import { reportBaseline, reportErrors } from "./problems.ts";
import { type CheckedType, type FinishedRun, type OptionsFor, type Plan, runOnce, type Subject } from "./run-once.ts";
import { controlWorkGlobals } from "./work-scope.ts";

/** Kinds of finding that explain why the same run ends differently. */
const CAUSES = /^(?:effect-(?:outside|repeated)|key-|replay-|request-|step-|undo-)/;

/** Options of {@link checkResource}. */
export interface CheckOptions {
  /** Kinds of operation to check. @default all that have work */
  readonly operations?: readonly string[];
  /** Maximum number of runs of one operation. More are a finding. @default 1000 */
  readonly maxRuns?: number;
}

/** The result of {@link checkResource}. */
export interface CheckReport {
  /** Number of runs. */
  readonly runs: number;
  /** The first finding of each kind and step. Empty for a type without faults. */
  readonly findings: readonly Finding[];
  /** Parts of the type that were not checked, with the reason. */
  readonly unchecked: readonly string[];
}

/**
 * Checks a resource type: runs each of its operations once without a fault, and then with one fault per run. The faults are a crash
 * just before and just after every commit, a cancel after every commit and during every step, and crashes while undoing. That makes
 * about five runs for each commit, in memory and on a virtual clock.
 *
 * @throws AfootError `validation` for a configuration or message that the type's schema refuses, `unknown-kind`, `unknown-message`
 */
export async function checkResource<Spec extends ResourceSpec>(
  type: CheckedType<Spec>,
  optionsFor: OptionsFor<Spec>,
  { operations, maxRuns = 1000 }: CheckOptions = {},
): Promise<CheckReport> {
  const { withWork, unchecked } = partsOf(type);
  const restoreGlobals = controlWorkGlobals();
  const checks: OperationCheck<Spec>[] = [];
  try {
    for (const kind of operations ?? withWork) {
      const check = new OperationCheck({ type, kind, optionsFor, stepsWithResult: new Set() }, maxRuns);
      checks.push(check);
      await check.run();
    }
  } finally {
    restoreGlobals();
  }
  const runs = checks.reduce((sum, check) => sum + check.runs, 0);
  return { runs, findings: checks.flatMap(({ findings }) => findings), unchecked };
}

function partsOf<Spec extends ResourceSpec>(type: CheckedType<Spec>): { withWork: string[]; unchecked: string[] } {
  const unused = { operation: "create", effects: new RecordedEffects(() => {}), clock: virtualClock() };
  const { operations, observe } = typeof type === "function" ? type({ ...unused, send: async () => {} }) : type;
  const kinds = [...operations.values()];
  return {
    withWork: kinds.filter(({ work }) => work !== undefined).map(({ kind }) => kind),
    unchecked: [
      ...kinds.filter(({ work }) => work === undefined).map(({ kind }) => `${kind}: it is external, so no work runs`),
      ...(observe === undefined ? [] : ["observe: it is called only while an operation waits"]),
    ],
  };
}

/** The runs of one operation. */
class OperationCheck<Spec extends ResourceSpec> {
  readonly findings: Finding[] = [];
  runs = 0;
  readonly #subject: Subject<Spec>;
  readonly #maxRuns: number;

  constructor(subject: Subject<Spec>, maxRuns: number) {
    this.#subject = subject;
    this.#maxRuns = maxRuns;
  }

  async run(): Promise<void> {
    let isUseless = false;
    const judgeBaseline: Judge = (run, report) => (isUseless = reportBaseline(run, report));
    const [baseline] = await this.#runAll([{ label: "without a fault" }], judgeBaseline);
    if (baseline === undefined || isUseless) return;
    await this.#runAll(crashPlans(baseline), (run, report) => judgeCrash(run, baseline, report));
    const cancelled = await this.#runAll(cancelPlans(baseline), (run, report) => {
      if (!this.#has("replay-differs")) judgeCancel(run, baseline, report);
    });
    await this.#runAll(undoCrashPlans(cancelled), () => {});
  }

  async #runAll(plans: readonly Plan[], judge: Judge): Promise<readonly FinishedRun[]> {
    const runs: FinishedRun[] = [];
    for (const plan of plans) {
      if (this.runs === this.#maxRuns) {
        this.#add("too-many-runs", undefined, `More than ${this.#maxRuns} runs are needed. Raise maxRuns.`);
        break;
      }
      this.runs++;
      runs.push(await this.#run(plan, judge));
    }
    return runs;
  }

  async #run(plan: Plan, judge: Judge): Promise<FinishedRun> {
    let isExplained = false;
    const report: Report = (kind, step, problem) => {
      isExplained ||= CAUSES.test(kind);
      this.#add(kind, step, `${problem} Seen ${plan.label}.`);
    };
    const run = await runOnce(this.#subject, plan, report);
    reportErrors(run, report);
    if (isExplained) return run;
    judge(run, report);
    judgeUndo(run, (...kinds) => this.#has(...kinds), report);
    return run;
  }

  #has(...kinds: readonly string[]): boolean {
    return this.findings.some(({ kind }) => kinds.includes(kind));
  }

  /** Adds the first finding of a kind and step. Further ones have the same cause. */
  #add(kind: string, step: string | undefined, message: string): void {
    if (this.findings.some((each) => each.kind === kind && each.step === step)) return;
    this.findings.push({ kind, operation: this.#subject.kind, step, message });
  }
}

type Judge = (run: FinishedRun, report: Report) => void;
