import assert from "node:assert/strict";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type AfootProcess, startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { send } from "../support/exchange.ts";
import { insist } from "./clients.ts";

/** The ways in which work can harm its process. */
export type PoisonousWay = "exit" | "loop" | "memory" | "rejection";

const INNOCENT = 50;

/** Runs innocent work beside work that harms its process, and checks that only the latter fails. */
export async function checkPoison(way: PoisonousWay, context: TestContext): Promise<void> {
  await using folder = await temporaryFolder();
  await using service = await supervised(folder.path);
  const make = async (path: string, configuration: object): Promise<string> => {
    const headers = { "Idempotency-Key": crypto.randomUUID() };
    const { headers: answered } = await insist(service.origin, (to) =>
      send(to + path, "POST", { configuration }, headers),
    );
    return answered.get("Location") ?? "";
  };
  const innocents = await Promise.all(Array.from({ length: INNOCENT }, () => make("/api/innocents", {})));
  const poison = await make("/api/poisons", { way });
  const end = async (location: string): Promise<Record<string, unknown>> => {
    const { body } = await eventually(`${location} to settle`, async () => {
      const response = await insist(service.origin, (to) =>
        send(to + location, "GET", undefined, { Prefer: "wait=5" }),
      );
      return !response.headers.has("Retry-After") && response;
    });
    return body;
  };
  const ended = await Promise.all(innocents.map(end));
  assert.deepEqual(
    ended.filter(({ status, rounds }) => status !== "Ready" || rounds !== 4),
    [],
  );
  const { status, error } = await end(poison);
  assert.equal(status, "Failed", JSON.stringify(error));
  context.diagnostic(
    `the service was restarted ${service.restarts()} times; the poison ended with ${JSON.stringify(error)}`,
  );
  assert.ok(service.restarts() <= 1, `the service went down ${service.restarts()} times`);
}

interface Service extends AsyncDisposable {
  readonly origin: () => string | undefined;
  readonly restarts: () => number;
}

/** Restarts the process whenever it has ended, like a service manager. */
async function supervised(folder: string): Promise<Service> {
  let current: AfootProcess | undefined;
  let restarts = 0;
  let isOver = false;
  const start = async (): Promise<void> => {
    const started = await startAfoot({
      app: join(import.meta.dirname, "poison-app.ts"),
      folder,
      environment: {
        AFOOT_LOG_LEVEL: "fatal",
        AFOOT_STALL_MS: "3000",
        AFOOT_WORK_MEMORY_MB: "128",
        NODE_OPTIONS: "--max-old-space-size=400",
      },
    });
    current = started;
    void started.ended.then(async () => {
      current = undefined;
      if (isOver) return;
      restarts += 1;
      await start();
    });
  };
  await start();
  return {
    origin: () => current?.origin,
    restarts: () => restarts,
    async [Symbol.asyncDispose]() {
      isOver = true;
      await current?.kill();
    },
  };
}
