import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localBroker } from "../../../src/brokers/local/index.ts";
import type { ResourceType } from "../../../src/core/definition/resource-type.ts";
import { policiesOf } from "../../../src/core/policy.ts";
import type { Broker } from "../../../src/core/ports/broker.ts";
import type { Log } from "../../../src/core/ports/log.ts";
import type { Store } from "../../../src/core/ports/store.ts";
import { openapiDocument } from "../../../src/server/openapi/document.ts";
import { type ServerOptions, serverOptions } from "../../../src/server/options.ts";
import { createHandler, type Handler } from "../../../src/server/routing/handler.ts";
import { type Commit, createCommit } from "../../../src/server/storage/commit.ts";
import type { Estimates } from "../../../src/server/timing/retry-after.ts";
import { sqliteStore } from "../../../src/stores/sqlite/index.ts";
import { createTelemetry } from "../../../src/telemetry/telemetry.ts";
import { createTrafficCheck } from "../../contract/traffic.ts";
import { SteppedClock } from "../../support/stepped-clock.ts";
import { checked } from "./checked.ts";
import { Drive } from "./drive.ts";
import { TYPES } from "./types.ts";

/** A server over a real store in its own folder, without a worker. */
export interface ServerFixture extends AsyncDisposable {
  readonly clock: SteppedClock;
  readonly store: Store;
  readonly broker: Broker;
  readonly types: readonly ResourceType[];
  readonly handler: Handler;
  readonly options: ServerOptions;
  readonly drive: Drive;
  /** Runs a function between the read and the commit of the next write. */
  readonly beforeCommit: (callback: () => Promise<void>) => void;
  /** Logged errors, and responses that the OpenAPI document does not allow: no request may lead to one. */
  readonly errors: unknown[];
}

/** Estimates only by work's own estimate. */
const ownEstimates: Estimates = {
  estimate: ({ operation }, now) =>
    operation.estimatedEndAt === null
      ? undefined
      : { remainingMs: Math.max(0, operation.estimatedEndAt - now), logSpread: 0.1 },
};

export interface FixtureOptions extends Partial<ServerOptions> {
  readonly types?: readonly ResourceType[];
}

export async function openFixture({ types = TYPES, ...given }: FixtureOptions = {}): Promise<ServerFixture> {
  const folder = await mkdtemp(join(tmpdir(), "afoot-http-"));
  const clock = new SteppedClock();
  const store = sqliteStore({ path: join(folder, "afoot.db") });
  const broker = localBroker();
  const errors: unknown[] = [];
  const ignore = (): void => {};
  const log: Log = { debug: ignore, info: ignore, warn: ignore, error: (fields) => errors.push(fields) };
  await store.open({ policies: policiesOf(types), at: clock.now(), onFatal: (error) => errors.push(error) });
  await broker.open();
  const options = serverOptions(given);
  const telemetry = createTelemetry();
  const commit = createCommit({ store, broker, clock, log, onCommitted: ignore, metrics: telemetry.metrics });
  let overtake: (() => Promise<void>) | undefined;
  const overtaken: Commit = async (changes) => {
    const first = overtake;
    overtake = undefined;
    await first?.();
    return commit(changes);
  };
  const served = createHandler({
    types,
    store,
    broker,
    commit: overtaken,
    clock,
    log,
    options,
    estimates: ownEstimates,
    telemetry,
  });
  const handler = checked(served, createTrafficCheck(openapiDocument({ types, options })), errors);
  return {
    clock,
    store,
    broker,
    types,
    handler,
    options,
    errors,
    drive: new Drive(store, commit, clock),
    beforeCommit: (callback) => (overtake = callback),
    async [Symbol.asyncDispose]() {
      await handler.close();
      await broker.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
