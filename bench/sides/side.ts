import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../test/support/free-port.ts";
import { answering, cpuUsOf, end, onCore, residentOf, SERVER_CORE } from "../process.ts";
import type { Need, Services } from "../services.ts";

/** A server to measure. All offer the same API: `/api/widgets`, and `/api/slow-widgets`, whose members stay in progress. */
export interface Side {
  readonly name: string;
  /** What a 202 of it means for the disk. */
  readonly durability: string;
  readonly needs: readonly (Need | "peers")[];
  /** Whether it keeps what is posted, and does the work. */
  readonly isDurable: boolean;
  readonly prepare: (place: Place) => Promise<Prepared>;
}

/** What a side is started with. */
export interface Place {
  readonly port: number;
  /** Removed afterwards. */
  readonly folder: string;
  readonly services: Services;
}

/** How a side is started. */
export interface Prepared {
  /** Of Node; the first process is the server that is measured. */
  readonly processes: readonly { readonly argv: readonly string[]; readonly env?: Readonly<Record<string, string>> }[];
  /** How many widgets are settled. */
  readonly completed: () => Promise<number>;
  /** Puts copies of a widget beside it while no process runs. Only ours can. */
  readonly fill?: (count: number) => Promise<void>;
  readonly release: () => Promise<void>;
}

export interface Running {
  readonly origin: string;
  readonly completed: () => Promise<number>;
  /** Processor time of the server so far, in microseconds. */
  readonly cpuUs: () => number;
  readonly resident: () => number;
  readonly stop: () => Promise<void>;
}

/** Flags for Node, such as `--cpu-prof`, for whoever looks for what takes the time. */
const FLAGS = (process.env["BENCH_NODE_FLAGS"] ?? "").split(" ").filter((flag) => flag !== "");

/** A side that can be started and stopped, and keeps what it stores in between. */
export interface Opened {
  readonly start: () => Promise<Running>;
  readonly fill: (count: number) => Promise<void>;
  readonly release: () => Promise<void>;
}

export async function openSide(side: Side, services: Services): Promise<Opened> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "afoot-bench-"));
  const prepared = await side.prepare({ port, folder, services });
  return {
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

/** Starts a side on a free port and waits until it answers. What it stores is gone when it is stopped. */
export async function startSide(side: Side, services: Services): Promise<Running> {
  const opened = await openSide(side, services);
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

async function launch(side: Side, { processes, completed }: Prepared, port: number): Promise<Running> {
  const children = processes.map(({ argv, env }, index) =>
    onCore(index === 0 ? SERVER_CORE : undefined, [process.execPath, ...FLAGS, ...argv], {
      PORT: String(port),
      ...env,
    }),
  );
  const [server] = children;
  if (server === undefined) throw new RangeError(`${side.name} starts no process`);
  for (const { stdout } of children) stdout?.resume();
  const stop = async (): Promise<void> => {
    await Promise.all(children.map(end));
  };
  const origin = `http://127.0.0.1:${port}`;
  try {
    await answering(origin, server);
  } catch (error) {
    await stop();
    throw error;
  }
  return { origin, completed, cpuUs: () => cpuUsOf(server), resident: () => residentOf(server), stop };
}

/** The result of a load, and what the server took for each answer. */
export async function withCpu<Result extends { readonly requests: number }>(
  { cpuUs }: Running,
  run: () => Promise<Result>,
): Promise<Result & { readonly cpuUs: number }> {
  const before = cpuUs();
  const result = await run();
  return { ...result, cpuUs: (cpuUs() - before) / result.requests };
}
