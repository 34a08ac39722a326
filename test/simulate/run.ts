// npm run simulate -- [--ci] [--seed N] [--runs N] [--operations N] [--minutes M] ...: see test/simulate/README.md
import { randomInt } from "node:crypto";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { FAULT_NAMES, type FaultName } from "./faults.ts";
import { simulateAll } from "./pool.ts";
import { failureOf, lineOf } from "./print.ts";
import type { SimulationOptions } from "./simulation.ts";

const { values } = parseArgs({
  options: {
    ci: { type: "boolean", default: false },
    seed: { type: "string" },
    runs: { type: "string" },
    operations: { type: "string", default: "500" },
    minutes: { type: "string" },
    processes: { type: "string", default: String(availableParallelism()) },
    clients: { type: "string" },
    without: { type: "string", default: "" },
    "faults-until": { type: "string" },
    skip: { type: "string", default: "" },
    /** Ends at the first failed seed, and shows it as it is. */
    stop: { type: "boolean", default: false },
    quiet: { type: "boolean", default: false },
  },
});

/** The seeds of `--ci` are always the same, so that a change fails by its own fault, not by an unlucky seed. */
const CI_SEED = 1;
const CI_RUNS = 215;

const isRandom = values.seed === undefined && !values.ci;
const first = isRandom ? randomInt(2 ** 31) : Number(values.seed ?? CI_SEED);
const runsOfSeed = values.ci ? CI_RUNS : 1;
const defaultRuns = isRandom ? Infinity : runsOfSeed;
const runs = Number(values.runs ?? defaultRuns);
const minutes = Number(values.minutes ?? (runs === Infinity ? 2 : Infinity));
const options: Omit<SimulationOptions, "seed"> = {
  operations: Number(values.operations),
  ...(values.clients === undefined ? {} : { clients: Number(values.clients) }),
  ...(values["faults-until"] === undefined ? {} : { faultsUntil: Number(values["faults-until"]) }),
  without: values.without.split(",").filter((name): name is FaultName => FAULT_NAMES.includes(name as FaultName)),
  skipped: values.skip === "" ? [] : values.skip.split(",").map(Number),
};

const startedAt = performance.now();
const total = { operations: 0, events: 0, faults: 0, virtualMs: 0 };
let [begun, passed, failed] = [0, 0, 0];

await simulateAll(
  Math.min(Number(values.processes), runs),
  () => {
    const isOver = begun >= runs || (begun > 0 && performance.now() - startedAt > minutes * 60_000);
    if (isOver || (values.stop && failed > 0)) return undefined;
    return { options: { ...options, seed: first + begun++ }, shrinks: !values.stop };
  },
  ({ report, failed: failure }) => {
    total.operations += report.operations;
    total.events += report.events;
    total.virtualMs += report.virtualMs;
    total.faults += Object.values(report.faults).reduce((sum, count) => sum + count, 0);
    if (!values.quiet) console.log(lineOf(report));
    if (failure === undefined) {
      passed++;
      return;
    }
    failed++;
    console.log(failureOf(failure));
  },
);

const seconds = (performance.now() - startedAt) / 1000;
console.log(
  `${total.operations} operations of ${begun} seeds, ${total.events} events, ${total.faults} faults, ` +
    `${Math.round(total.virtualMs / 3_600_000)} virtual hours in ${Math.round(seconds)} s: ` +
    `${Math.round(total.operations / seconds)} operations/s`,
);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
