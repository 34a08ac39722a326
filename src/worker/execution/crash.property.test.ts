import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { machine } from "../../../test/worker/machine.ts";
import type { ResourceSpec } from "../../core/definition/resource-type.ts";
import { crashAfterEveryCommit, type ResourceRun } from "../../testing/index.ts";

/** One part of the work. */
type Part =
  | "step"
  | "undoable"
  | "parallel"
  | "retried"
  | "sleep"
  | "short sleep"
  | "until"
  | "receive"
  | "race"
  | "fails once"
  | "fails";

const PARTS: readonly Part[] = [
  "step",
  "undoable",
  "parallel",
  "retried",
  "sleep",
  "short sleep",
  "until",
  "receive",
  "race",
  "fails once",
  "fails",
];

/** The external effects of one run: they survive every crash. */
interface Fixture {
  readonly made: Map<string, number>;
  /** Number of runs of each step. */
  readonly ran: Map<string, number>;
  readonly undone: string[];
  failed: boolean;
  checks: number;
}

const emptyFixture = (): Fixture => ({ made: new Map(), ran: new Map(), undone: [], failed: false, checks: 0 });

test("after a crash at any commit, the next process reaches the same end", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...PARTS), { minLength: 1, maxLength: 5 }),
      fc.option(fc.nat({ max: 4000 }), { nil: undefined }),
      diesEverywhere,
    ),
    { numRuns: 40 },
  );
});

async function diesEverywhere(plan: readonly Part[], cancelAfterMs: number | undefined): Promise<void> {
  let fixture = emptyFixture();
  const fixtures: Fixture[] = [];
  const runs = await crashAfterEveryCommit(
    typeOf(plan, () => fixture),
    () => {
      fixture = emptyFixture();
      fixtures.push(fixture);
      const cancel = cancelAfterMs === undefined ? {} : { cancelAfterMs };
      return { configuration: {}, messages: [{ name: "hint", value: "given", afterMs: 2000 }], ...cancel };
    },
  );
  const [complete] = runs;
  for (const [crashAfter, run] of runs.entries()) {
    const { ran, made, undone } = fixtures[crashAfter] ?? emptyFixture();
    const reported = JSON.stringify({
      crashAfter,
      plan,
      cancelAfterMs,
      history: run.history.map(({ event, step }) => `${event} ${step ?? ""}`),
    });
    // A parallel step may be running when another one is committed, and so may any step when the sleep that lost a race is.
    const again = [...ran].filter(([name, times]) => times > 1 && /^(?:step|undoable)/.test(name) && !endsRace(run));
    assert.deepEqual(again, [], `recorded steps were run again: ${reported}`);
    // A crash shifts the work in time, so a cancel may arrive before or after the same call.
    if (cancelAfterMs === undefined) {
      assert.deepEqual(
        { status: run.status, details: run.details, error: run.error },
        { status: complete?.status, details: complete?.details, error: complete?.error },
        reported,
      );
    }
    if (run.error === null) continue;
    const pending = run.steps.filter(({ undo }) => undo);
    assert.ok(
      pending.every(({ state }) => state === "undone"),
      reported,
    );
    const left = [...made].filter(([, count]) => count > 0).map(([name]) => name);
    assert.deepEqual(left, [], `left behind: ${reported}`);
    const order = undone.map((undoneStep) => pending.findIndex(({ name }) => name === undoneStep));
    assert.deepEqual(
      order,
      order.toSorted((a, b) => b - a),
      `undone in reverse: ${reported}`,
    );
  }
}

/** Returns true if the last commit before the crash was that of a sleep that lost its race. */
function endsRace({ history }: Pick<ResourceRun<ResourceSpec>, "history">): boolean {
  const crash = history.findIndex(({ event }) => event === "worker-lost");
  return history[crash - 1]?.step?.endsWith(" late") === true;
}

function typeOf(plan: readonly Part[], current: () => Fixture): ReturnType<typeof machine> {
  return machine(async ({ attempt, step, sleep, until, receive }) => {
    const fixture = current();
    const run = (name: string): string => {
      fixture.ran.set(name, (fixture.ran.get(name) ?? 0) + 1);
      return name;
    };
    const make = (name: string): string => {
      fixture.made.set(name, 1);
      return run(name);
    };
    const unmake = (name: string): void => {
      fixture.made.delete(name);
      fixture.undone.push(name);
    };
    const plain = (name: string): Promise<string> => step(name, () => run(name));
    const undoable = (name: string): Promise<string> => step(name, () => make(name), { undo: () => unmake(name) });
    const outputs: unknown[] = [];
    for (const [index, part] of plan.entries()) {
      const name = `${part} ${index}`;
      switch (part) {
        case "step":
          outputs.push(await plain(name));
          break;
        case "undoable":
          outputs.push(await undoable(name));
          break;
        case "parallel":
          outputs.push(await Promise.all(["x", "y"].map((each) => undoable(name + each))));
          break;
        case "retried": {
          const once = async (): Promise<string> => {
            if (fixture.checks++ % 2 === 0) throw new Error("flaky");
            return name;
          };
          outputs.push(await step(name, once, { retry: { attempts: 3 } }));
          break;
        }
        case "sleep":
          await sleep(name, 700);
          break;
        case "short sleep":
          await sleep(name, 20);
          break;
        case "until":
          outputs.push(await until(name, () => fixture.checks++ > 3 && "up", { everyMs: 300 }));
          break;
        case "receive":
          outputs.push((await receive("hint", { timeoutMs: 60_000 })) ?? "nothing");
          break;
        case "race":
          outputs.push(await Promise.race([plain(name), sleep(`${name} late`, 900)]));
          break;
        case "fails once":
          if (!fixture.failed && attempt < 4) {
            fixture.failed = true;
            throw new Error("once");
          }
          break;
        case "fails":
          throw new Error("always");
      }
    }
    return { address: JSON.stringify(outputs) };
  });
}
