import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as passes } from "node:timers/promises";
import { insist } from "../faults/clients.ts";
import { type AfootProcess, startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { send } from "../support/exchange.ts";
import { type PostgresServer, startPostgres } from "../support/postgres.ts";
import { anyOf, random } from "../support/random.ts";
import { note, readLedger, runningAtOnce } from "./ledger.ts";

const APP = join(import.meta.dirname, "app.ts");
const SETTLE_MS = 900_000;
const CLIENTS = 24;

export interface TurnsRunOptions {
  readonly resources: number;
  readonly tenants: number;
  readonly nodes: number;
  readonly kills: number;
  readonly limit: number;
  /** Called with the progress of the run. */
  readonly onProgress?: (text: string) => void;
}

/** The findings of a run. */
export interface TurnsReport {
  readonly settled: Readonly<Record<string, number>>;
  readonly kills: number;
  /** Number of times that work began to run. */
  readonly begun: number;
  /** The highest number of operations of one tenant that ran at once. */
  readonly most: number;
  readonly seconds: number;
  readonly faults: readonly string[];
}

/** Nodes on one PostgreSQL, each with a worker. */
class Nodes implements AsyncDisposable {
  readonly #postgres: PostgresServer;
  readonly #schema: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly ledger: string;
  readonly #running = new Set<AfootProcess>();

  constructor(postgres: PostgresServer, folder: string, limit: number) {
    this.#postgres = postgres;
    this.#schema = postgres.schema();
    this.ledger = join(folder, `${this.#schema}.jsonl`);
    this.#environment = { TURNS_LEDGER: this.ledger, TURNS_LIMIT: String(limit), AFOOT_LOG_LEVEL: "error" };
  }

  readonly origin = (): string | undefined => (this.#running.size === 0 ? undefined : anyOf([...this.#running]).origin);

  async start(): Promise<void> {
    const flags = ["--store", `${this.#postgres.url}?schema=${this.#schema}`];
    this.#running.add(await startAfoot({ app: APP, environment: this.#environment, flags }));
  }

  /** Ends a random node with SIGKILL, and starts another one. */
  async replaceOne(): Promise<void> {
    const killed = anyOf([...this.#running]);
    this.#running.delete(killed);
    await killed.kill();
    note(this.ledger, { what: "killed", id: "", tenant: "", pid: killed.pid, parent: 0, at: Date.now() });
    await this.start();
  }

  async create(tenant: string, behaviour: string, ms: number): Promise<void> {
    const key = randomUUID();
    const { status, body } = await insist(this.origin, (to) =>
      send(`${to}/api/turns`, "POST", { configuration: { tenant, behaviour, ms } }, { "Idempotency-Key": key }),
    );
    if (status !== 202) throw new Error(`POST gave ${status}: ${JSON.stringify(body)}`);
  }

  /** Counts the operations by state. */
  async states(): Promise<Readonly<Record<string, number>>> {
    const rows = await this.#postgres.query(
      `select state, count(*)::integer as count from "${this.#schema}"._resources group by state`,
    );
    return Object.fromEntries(rows.map(({ state, count }) => [String(state), Number(count)]));
  }

  /** Returns the times until the first claim of all tenants' operations but the large one's; undefined before all have begun. */
  async waits(count: number): Promise<readonly number[] | undefined> {
    const rows = await this.#postgres.query(
      `select started_at - accepted_at as ms from "${this.#schema}"._resources where turn <> 'large' and started_at is not null`,
    );
    return rows.length < count ? undefined : rows.map(({ ms }) => Number(ms));
  }

  /** Waits until all operations are settled. Returns how many ended in each state. */
  async settled(): Promise<Readonly<Record<string, number>>> {
    return eventually(
      "all operations to settle",
      async () => {
        const states = await this.states();
        return Object.keys(states).every((state) => state === "succeeded" || state === "failed") && states;
      },
      { timeoutMs: SETTLE_MS, intervalMs: 200 },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running].map((each) => each.kill()));
  }
}

/** Calls a function for each value, a limited number at a time. */
async function forEach<Value>(values: readonly Value[], call: (value: Value) => Promise<void>): Promise<void> {
  const left = values[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      for (const value of left) await call(value);
    }),
  );
}

/** Runs operations of many tenants while nodes are killed, and checks what ran at once by what the work wrote. */
export async function turnsRun(options: TurnsRunOptions): Promise<TurnsReport> {
  const { resources, tenants, nodes: size, kills, limit, onProgress = () => {} } = options;
  const startedAt = performance.now();
  await using folder = await temporaryFolder();
  await using postgres = disposable(await startPostgres());
  await using nodes = new Nodes(postgres.server, folder.path, limit);
  await Promise.all(Array.from({ length: size }, () => nodes.start()));
  let made = 0;
  const making = forEach(Array.from({ length: resources }), async () => {
    const behaviour = anyOf(["plain", "plain", "plain", "sleep", "undo"]);
    await nodes.create(`tenant-${Math.floor(random() * tenants)}`, behaviour, 5 + random() * 20);
    made += 1;
  });
  making.catch(() => {});
  const accepted = (due: number): Promise<unknown> =>
    eventually(`${due} operations`, () => made >= due, { timeoutMs: SETTLE_MS });
  for (let kill = 1; kill <= kills; kill++) {
    await Promise.race([accepted((resources * (kill - 0.5)) / kills), making]);
    await passes(random() * 500);
    await nodes.replaceOne();
    onProgress(`${kill} of ${kills} killed; ${made} of ${resources} accepted; ${JSON.stringify(await nodes.states())}`);
  }
  await making;
  const settled = await nodes.settled();
  const lines = readLedger(nodes.ledger);
  const { most, faults } = runningAtOnce(lines, limit);
  const count = Object.values(settled).reduce((sum, each) => sum + each, 0);
  return {
    settled,
    kills,
    begun: lines.filter(({ what }) => what === "begun").length,
    most,
    seconds: Math.round((performance.now() - startedAt) / 1000),
    faults: count === resources ? faults : [...faults, `${count} of ${resources} operations exist`],
  };
}

export interface FairnessOptions {
  /** Tenants with a few operations each. */
  readonly tenants: number;
  readonly each: number;
  /** Operations of the tenant beside them. */
  readonly beside: number;
}

/** Waiting times of the small tenants' operations until they began, 95th percentile. */
export interface Fairness {
  readonly aloneMs: number;
  readonly besideMs: number;
  readonly ratio: number;
}

/** Duration of a step. So long that slots are scarce, and not the processor of the machine. */
const FAIR_STEP_MS = 150;

/** Measures how long the operations of small tenants wait alone, and beside a tenant with a long queue. */
export async function measureFairness({ tenants, each, beside }: FairnessOptions): Promise<Fairness> {
  await using folder = await temporaryFolder();
  await using postgres = disposable(await startPostgres());
  const measure = async (large: number): Promise<number> => {
    await using nodes = new Nodes(postgres.server, folder.path, 2);
    await Promise.all(Array.from({ length: 3 }, () => nodes.start()));
    await forEach(Array.from({ length: large }), () => nodes.create("large", "plain", FAIR_STEP_MS));
    const small = Array.from({ length: tenants * each }, (_, index) => `tenant-${index % tenants}`);
    await forEach(small, (tenant) => nodes.create(tenant, "plain", FAIR_STEP_MS));
    const waits = await eventually("the small tenants", () => nodes.waits(small.length), {
      timeoutMs: SETTLE_MS,
      intervalMs: 500,
    });
    return waits.toSorted((a, b) => a - b)[Math.floor(waits.length * 0.95)] ?? Number.NaN;
  };
  const aloneMs = await measure(0);
  const besideMs = await measure(beside);
  return { aloneMs, besideMs, ratio: besideMs / aloneMs };
}

function disposable(server: PostgresServer): { readonly server: PostgresServer } & AsyncDisposable {
  return { server, [Symbol.asyncDispose]: () => server.remove() };
}
