import assert from "node:assert/strict";
import { existsSync, globSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type AfootProcess, startAfoot } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";

const APP = join(import.meta.dirname, "app.ts");

const LIBRARY = globSync("/usr/lib/*/faketime/libfaketimeMT.so.1").find((path) => existsSync(path));

/** The reason why a test that sets the clock cannot run here; false if it can. */
export const noFaketime: string | false =
  LIBRARY === undefined ? "libfaketime is not installed; install it (apt install faketime)" : false;

/** A real `afoot start` whose wall clock can be set while it runs. Its monotonic clock is the real one. */
export interface ClockedProcess extends AfootProcess {
  /** Sets the wall clock to the real time plus an offset, such as `+26h`. */
  readonly setClock: (offset: string) => Promise<void>;
}

export interface ClockedProcessOptions {
  /** Folder of the SQLite store. */
  readonly folder: string;
  /** Offset of the wall clock at the start, such as `+26h`. */
  readonly offset: string;
  readonly flags?: readonly string[];
}

export async function startClocked({ folder, offset, flags = [] }: ClockedProcessOptions): Promise<ClockedProcess> {
  const file = join(folder, "clock");
  const setClock = async (to: string): Promise<void> => writeFile(file, `${to}\n`);
  await setClock(offset);
  const environment = {
    LD_PRELOAD: LIBRARY ?? "",
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    DONT_FAKE_MONOTONIC: "1",
  };
  const hasStore = flags.includes("--store");
  const process = await startAfoot({ app: APP, ...(hasStore ? {} : { folder }), flags, environment });
  return { ...process, setClock };
}

type Server = Pick<AfootProcess, "origin">;

export async function post(server: Server, path: string, body: unknown): Promise<Response> {
  const response = await fetch(server.origin + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  assert.equal(response.status, 202);
  return response;
}

/** Creates a resource and returns its path. */
export async function create(server: Server, collection: string): Promise<string> {
  const response = await post(server, `/api/${collection}`, { configuration: {} });
  return response.headers.get("location") ?? assert.fail("Location is missing");
}

/** Creates a resource that sleeps for 4 s and one whose work failed and is retried after 4 s. Returns their paths. */
export async function createPaused(server: Server): Promise<readonly string[]> {
  const paths = await Promise.all(["naps", "hurdles"].map((collection) => create(server, collection)));
  for (const path of paths) {
    await eventually(`${path} to pause`, async () => {
      const history = await (await fetch(`${server.origin}${path}/history`)).text();
      return /"event":"(?:waiting|attempt-failed)"/.test(history);
    });
  }
  return paths;
}

/** Waits until the resources are settled, and checks their status. */
export async function expectSettled(
  server: Server,
  paths: readonly string[],
  expected: readonly string[] = ["Awake", "Cleared"],
): Promise<void> {
  const statuses = await Promise.all(
    paths.map((path) =>
      eventually(`${path} to settle`, async () => {
        const response = await fetch(server.origin + path);
        const { status } = (await response.json()) as { status: string };
        return !response.headers.has("retry-after") && status;
      }),
    ),
  );
  assert.deepEqual(statuses, expected);
}
