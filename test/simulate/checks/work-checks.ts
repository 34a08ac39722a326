import type { StepRecord } from "../../../src/core/resource.ts";
import { idempotencyKey } from "../../../src/worker/work/step-name.ts";
import type { MemoryDatabase } from "../store/database.ts";
import type { ExternalSystem } from "../system/external-system.ts";
import type { WorkListener } from "../system/work-listener.ts";
import type { RowChecks } from "./row-checks.ts";
import type { Violations } from "./violations.ts";

/** Checks what work does: steps, their records, and their undo. */
export class WorkChecks implements WorkListener {
  readonly #database: MemoryDatabase;
  readonly #rows: RowChecks;
  readonly #violations: Violations;
  /** The commit at which a step was recorded as done, by its idempotency key. */
  readonly #doneAt = new Map<string, number>();

  constructor(database: MemoryDatabase, rows: RowChecks, violations: Violations) {
    this.#database = database;
    this.#rows = rows;
    this.#violations = violations;
    database.onRecord = (root, before, after) => this.#onRecord(root, before, after);
  }

  readonly onStep: WorkListener["onStep"] = ({ operation, attempt, name, key }) => {
    const root = this.#database.byOperation.get(operation)?.resource?.operation.root;
    this.#violations.check(
      root === undefined || this.#database.recordsOf(root).some(({ step }) => step === name),
      "a step with an undo begins after its start is committed",
      () => `${name} of ${operation}, attempt ${attempt}`,
    );
    const doneAt = this.#doneAt.get(key);
    const claimedAt = this.#rows.claimedAt.get(`${operation}/${attempt}`) ?? Number.POSITIVE_INFINITY;
    this.#violations.check(
      doneAt === undefined || doneAt > claimedAt,
      "a recorded step never runs again",
      () => `${name} of ${operation}, attempt ${attempt}`,
    );
  };

  readonly onUndo: WorkListener["onUndo"] = ({ operation, name }) => {
    const root = this.#database.byOperation.get(operation)?.resource?.operation.root;
    if (root === undefined) return;
    const records = this.#database.recordsOf(root);
    const position = records.find(({ step }) => step === name)?.position ?? Number.POSITIVE_INFINITY;
    const later = records.filter((record) => record.undo && record.position > position && record.state !== "undone");
    this.#violations.check(
      later.length === 0,
      "steps are undone in reverse order",
      () => `${name} of ${operation} before ${later.map(({ step }) => step).join(", ")}`,
    );
  };

  /**
   * Checks the effects in the other system once everything is settled.
   *
   * @param triesOf the first operation of a series of retries, by the later ones
   */
  checkEffects({ effects }: ExternalSystem, triesOf: ReadonlyMap<string, string>): void {
    const first = (id: string): string => triesOf.get(id) ?? id;
    const present = [...effects.values()].filter(({ state }) => state === "present");
    const effectsOf = Map.groupBy(present, ({ operation }) => first(operation));
    const lastOf = new Map([...this.#rows.settled.values()].map((each) => [first(each.id), each]));
    for (const [tries, { id, state, code, type }] of lastOf) {
      const names = (effectsOf.get(tries) ?? []).map(({ step }) => step);
      const detail = (): string => `${type} ${id} ${state} ${code}: ${names.join(", ")}`;
      if (state === "succeeded") {
        this.#violations.check(new Set(names).size === names.length, "a step has one effect", detail);
      } else if (code !== "undo-incomplete") {
        this.#violations.check(names.length === 0, "a failed or cancelled operation leaves no effect", detail);
      }
    }
  }

  #onRecord(root: string, before: StepRecord | undefined, after: StepRecord): void {
    if (after.state === "done" && before?.state !== "done") {
      this.#doneAt.set(idempotencyKey(root, after.step, after.generation), this.#rows.commits);
    }
    const isSame = before?.state === "done" && before.generation === after.generation;
    this.#violations.check(
      !isSame || after.state === "undone" || (after.state === "done" && after.result === before.result),
      "the record of a step is final",
      () => `${after.step} of ${root}: ${before?.state} -> ${after.state}`,
    );
  }
}
