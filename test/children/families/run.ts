// Families at full size: npm run test:families -- [--store sqlite|postgres] [--families N] [--kills N] [--each-commit]
// Without a store, both are tested. --each-commit kills the process after every single commit of a family instead.
import { inspect, parseArgs } from "node:util";
import { clusterFleet } from "../../faults/cluster-fleet.ts";
import { startPostgres } from "../../support/postgres.ts";
import type { Course } from "./clients.ts";
import { crashAfterCommit } from "./each-commit.ts";
import { familyRun } from "./family-run.ts";

const { values } = parseArgs({
  options: {
    store: { type: "string" },
    families: { type: "string", default: "500" },
    kills: { type: "string", default: "20" },
    "each-commit": { type: "boolean", default: false },
  },
});
const stores = values.store === undefined ? ["sqlite", "postgres"] : [values.store];
const startedAt = performance.now();
const faults: string[] = [];

function print(text: string): void {
  console.log(`${Math.round((performance.now() - startedAt) / 1000)} s  ${text}`);
}

/** On PostgreSQL, another node continues only after a lease. */
const PARALLEL: Readonly<Record<string, number>> = { sqlite: 2, postgres: 6 };

const MOST_COMMITS = 200;

/** A family that is cancelled early has fewer commits than another, so several must survive. */
const MIN_SURVIVALS = 4;

async function eachCommit(store: string, course: Course, urlOf: () => string | undefined): Promise<number> {
  let next = 1;
  let crashes = 0;
  let survivals = 0;
  const crash = async (): Promise<void> => {
    while (survivals < MIN_SURVIVALS && next < MOST_COMMITS) {
      const commit = next++;
      const outcome = await crashAfterCommit(course, commit, urlOf());
      if (outcome.died) crashes += 1;
      else survivals += 1;
      faults.push(...outcome.faults.map((fault) => `${store}, after commit ${commit} of "${course}": ${fault}`));
    }
  };
  await Promise.all(Array.from({ length: PARALLEL[store] ?? 1 }, crash));
  print(`${store}: "${course}" ended right after ${crashes} crashes, each after another commit`);
  return crashes;
}

async function eachCommitOf(store: string): Promise<number> {
  let crashes = 0;
  const postgres = store === "postgres" ? await startPostgres({ fsync: true }) : undefined;
  const urlOf = (): string | undefined => postgres && `${postgres.url}?schema=${postgres.schema()}`;
  for (const course of ["deleted", "cancelled", "fails"] as const) crashes += await eachCommit(store, course, urlOf);
  await postgres?.remove();
  return crashes;
}

async function families(store: string): Promise<number> {
  const cluster =
    store === "postgres"
      ? { start: (options: Parameters<typeof clusterFleet>[0]) => clusterFleet(options, false) }
      : {};
  const report = await familyRun({
    ...cluster,
    families: Number(values.families),
    kills: Number(values.kills),
    onProgress: (text) => print(`${store}: ${text}`),
  });
  console.log(inspect(report, { maxArrayLength: null, breakLength: 100 }));
  faults.push(...report.faults);
  return report.families;
}

let count = 0;
for (const store of stores) {
  if (values["each-commit"]) count += await eachCommitOf(store);
  else count += await families(store);
}
for (const fault of faults) console.log(fault);
const what = values["each-commit"] ? "crashes after single commits" : "families";
console.log(
  `${count} ${what}: ${faults.length === 0 ? "every promise was kept." : `${faults.length} promises were broken.`}`,
);
process.exitCode = faults.length === 0 ? 0 : 1;
