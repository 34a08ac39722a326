// Measures one, two and four nodes on one PostgreSQL, all on the same cores: lifecycles, and the contention of their claims.
import type { Bench } from "../bench.ts";
import { runTask } from "../lifecycle/run-task.ts";
import type { Measure, Round } from "../measure.ts";
import type { Database } from "../services.ts";
import { OURS } from "../sides/sides.ts";
import { startNodes } from "./start.ts";

const COUNTS = [1, 2, 4];
const CONNECTIONS = 64;
const SAMPLE_INTERVAL_MS = 20;

/** Measures lifecycles per second by the number of nodes. */
export async function runNodes({ options, services, sides, log }: Bench): Promise<readonly Measure[]> {
  if (!sides.some(({ name }) => name === OURS.postgres)) return [];
  const rounds: Record<string, Round[]> = {};
  let one = NaN;
  for (const count of COUNTS) {
    log(`nodes: ${count}`);
    const nodes = await startNodes(services, count);
    try {
      const { ports, database } = nodes;
      await runTask({ ports, mode: "lifecycles", connections: CONNECTIONS, seconds: options.quick ? 0.5 : 1.5 });
      const before = await counts(database);
      const sampling = sampleClaims(database);
      const { settled, seconds } = await runTask({
        ports,
        mode: "lifecycles",
        connections: CONNECTIONS,
        seconds: options.seconds,
      });
      const waitingPercent = await sampling.stop();
      const after = await counts(database);
      const perSecond = settled / seconds;
      if (count === 1) one = perSecond;
      rounds[`${count} ${count === 1 ? "node" : "nodes"}`] = [
        {
          perSecond,
          timesOne: perSecond / one,
          waitingPercent,
          commitsEach: (after.commits - before.commits) / settled,
          readEach: (after.read - before.read) / settled,
        },
      ];
    } finally {
      await nodes.stop();
    }
  }
  const name = `${OURS.postgres}: nodes on the same cores, ${CONNECTIONS} connections`;
  return [{ name, compared: "perSecond", unit: "/s", sides: rounds, goals: [] }];
}

interface Counts {
  readonly commits: number;
  /** Entries that were read from the index of due operations. */
  readonly read: number;
}

async function counts(database: Database): Promise<Counts> {
  const [row = {}] = await database.query(`
    select (select xact_commit::float8 from pg_stat_database where datname = current_database()) as commits,
      (select coalesce(sum(idx_tup_read), 0)::float8 from pg_stat_user_indexes where indexrelname like '%due%') as read`);
  return { commits: Number(row["commits"]), read: Number(row["read"]) };
}

/** Samples the backends, and returns the percentage of active claims that waited for a lock. */
function sampleClaims(database: Database): { readonly stop: () => Promise<number> } {
  let active = 0;
  let waiting = 0;
  const stopped = new AbortController();
  const sample = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      const [row = {}] = await database.query(`
        select count(*) as active, count(*) filter (where wait_event_type in ('Lock', 'LWLock')) as waiting
        from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and query ilike '%skip locked%'`);
      active += Number(row["active"]);
      waiting += Number(row["waiting"]);
      await new Promise((resolve) => {
        setTimeout(resolve, SAMPLE_INTERVAL_MS);
      });
    }
  };
  const running = sample();
  return {
    async stop() {
      stopped.abort();
      await running;
      return active === 0 ? 0 : (waiting / active) * 100;
    },
  };
}
