import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../test/support/free-port.ts";
import {
  descendants,
  pinToSide,
  untilResponding,
  cpuUsOf,
  stopProcess,
  onCores,
  residentOf,
  SIDE_CORES,
} from "../process.ts";
import type { Database, Need, Services } from "../services.ts";

/** A server to measure. All serve the same API: `/api/widgets`, and `/api/slow-widgets`, whose resources stay in progress. */
export interface Side {
  readonly name: string;
  /** Durability of a 202. */
  readonly durability: string;
  readonly needs: readonly (Need | "peers")[];
  /** True if it stores resources and runs their work. */
  readonly isDurable: boolean;
  readonly prepare: (place: SideEnvironment) => Promise<PreparedSide>;
}

/** Environment for starting a side. */
export interface SideEnvironment {
  readonly port: number;
  /** Temporary folder. */
  readonly folder: string;
  readonly services: Services;
  /** False if the side only accepts: its workers are off. */
  readonly workers: boolean;
}

/** A side that is ready to start. */
export interface PreparedSide {
  /** Node processes. The first one is the measured server. */
  readonly processes: readonly { readonly argv: readonly string[]; readonly env?: Readonly<Record<string, string>> }[];
  /** Returns the number of settled widgets. */
  readonly completed: () => Promise<number>;
  /** PostgreSQL database of the side, if it has one. */
  readonly database?: Database;
  /** Inserts copies of a widget while no process runs. Supported only by Afoot. */
  readonly fill?: (count: number) => Promise<void>;
  /** Called once the server responds, for what has to be registered. */
  readonly started?: () => Promise<void>;
  readonly release: () => Promise<void>;
}

export interface RunningSide {
  readonly origin: string;
  readonly port: number;
  /** Returns the CPU time of all processes of the side so far, its databases included. */
  readonly coreSeconds: () => number;
  readonly completed: () => Promise<number>;
  /** Returns the CPU time of the server so far, in microseconds. */
  readonly cpuUs: () => number;
  readonly resident: () => number;
  readonly stop: () => Promise<void>;
}

/** Flags for Node, such as `--cpu-prof` for profiling. */
const NODE_FLAGS = (process.env["BENCH_NODE_FLAGS"] ?? "").split(" ").filter((flag) => flag !== "");

/** A side that can be started and stopped repeatedly on the same data. */
export interface OpenSide {
  /** Temporary folder, in which an SQLite side has its database. */
  readonly folder: string;
  readonly database: Database | undefined;
  readonly start: () => Promise<RunningSide>;
  readonly fill: (count: number) => Promise<void>;
  readonly release: () => Promise<void>;
}

/** @param workers false for a side that only accepts. @default true */
export async function openSide(side: Side, services: Services, workers = true): Promise<OpenSide> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "afoot-bench-"));
  const prepared = await side.prepare({ port, folder, services, workers });
  return {
    folder,
    database: prepared.database,
    start: async () => launch(side, prepared, port),
    async fill(count) {
      if (prepared.fill === undefined) throw new RangeError(`${side.name} cannot be filled`);
      await prepared.fill(count);
    },
    async release() {
      await prepared.release();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Starts a side on a free port and waits until it responds. Its data are removed when it stops. */
export async function startSide(side: Side, services: Services, workers = true): Promise<RunningSide> {
  const opened = await openSide(side, services, workers);
  try {
    const running = await opened.start();
    return {
      ...running,
      async stop() {
        await running.stop();
        await opened.release();
      },
    };
  } catch (error) {
    await opened.release();
    throw error;
  }
}

async function launch(side: Side, { processes, completed, started }: PreparedSide, port: number): Promise<RunningSide> {
  const children = processes.map(({ argv, env }) =>
    onCores(SIDE_CORES, [process.execPath, ...NODE_FLAGS, ...argv], {
      PORT: String(port),
      ...env,
    }),
  );
  const [server] = children;
  if (server === undefined) throw new RangeError(`${side.name} starts no process`);
  for (const { stdout } of children) stdout?.resume();
  const stop = async (): Promise<void> => {
    await Promise.all(children.map(stopProcess));
  };
  const origin = `http://127.0.0.1:${port}`;
  try {
    await untilResponding(origin, server);
    await started?.();
    // The databases were started by their own programs.
    pinToSide(descendants().map(({ pid }) => pid));
  } catch (error) {
    await stop();
    throw error;
  }
  const coreSeconds = (): number => descendants().reduce((sum, each) => sum + each.cpuUs, 0) / 1_000_000;
  return {
    origin,
    port,
    completed,
    coreSeconds,
    cpuUs: () => cpuUsOf(server),
    resident: () => residentOf(server),
    stop,
  };
}

/** Runs a load, and adds the server's CPU time per response to the result. */
export async function withCpu<Result extends { readonly requests: number }>(
  { cpuUs }: RunningSide,
  run: () => Promise<Result>,
): Promise<Result & { readonly cpuUs: number }> {
  const before = cpuUs();
  const result = await run();
  return { ...result, cpuUs: (cpuUs() - before) / result.requests };
}
