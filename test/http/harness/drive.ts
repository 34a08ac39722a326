import assert from "node:assert/strict";
import type { AttemptEvent, OperationEvent } from "../../../src/core/events.ts";
import type { Store } from "../../../src/core/ports/store.ts";
import type { Resource } from "../../../src/core/resource.ts";
import type { Commit } from "../../../src/server/storage/commit.ts";
import type { SteppedClock } from "../../support/stepped-clock.ts";

const DETAILS = { IPAddress: "192.168.1.10" };

type AttemptReport = AttemptEvent extends infer Event
  ? Event extends { attempt: number }
    ? Omit<Event, "attempt">
    : never
  : never;

/** Applies the events of a worker to operations. */
export class Drive {
  readonly #store: Store;
  readonly #commit: Commit;
  readonly #clock: SteppedClock;

  constructor(store: Store, commit: Commit, clock: SteppedClock) {
    this.#store = store;
    this.#commit = commit;
    this.#clock = clock;
  }

  async row(path: string): Promise<Resource> {
    const [row] = await this.#store.read([keyOf(path)]);
    assert.ok(row !== undefined, `no row of ${path}`);
    return row;
  }

  /** Applies any event to the resource of a path. */
  async event(path: string, event: OperationEvent): Promise<Resource> {
    const change = { change: "event", target: keyOf(path), event, at: this.#clock.now(), random: 0.5 } as const;
    const [applied] = await this.#commit([change]);
    assert.ok(
      applied?.resource !== undefined && applied.outcome === "applied",
      `${event.event}: ${applied?.outcome} ${applied?.code}`,
    );
    return applied.resource;
  }

  async claim(path: string): Promise<Resource> {
    return this.event(path, { event: "claimed", worker: "w", claim: 1 });
  }

  /** Applies an event of the current attempt's worker; claims first if the operation is unclaimed. */
  async reportEvent(path: string, report: AttemptReport): Promise<Resource> {
    const row = await this.row(path);
    const { attempt } = row.operation.worker === null ? (await this.claim(path)).operation : row.operation;
    return this.event(path, { ...report, attempt });
  }

  async progress(
    path: string,
    progress: number,
    more: { status?: string; details?: object; estimatedEndAt?: number } = {},
  ): Promise<Resource> {
    const { details, ...others } = more;
    const sequence = (await this.row(path)).operation.sequence + 1;
    const texts = details === undefined ? {} : { details: JSON.stringify(details) };
    return this.reportEvent(path, { event: "progress", sequence, progress, ...others, ...texts });
  }

  async succeed(path: string, details: object = DETAILS, label?: string): Promise<Resource> {
    return this.reportEvent(path, {
      event: "succeeded",
      details: JSON.stringify(details),
      ...(label === undefined ? {} : { label }),
    });
  }

  async fail(path: string, detail = "The disk is full."): Promise<Resource> {
    const error = { code: "work-failed", title: "Work failed", detail, retryable: false };
    return this.reportEvent(path, { event: "failed", error });
  }
}

const NAMES: Readonly<Record<string, string>> = {
  batches: "batch",
  clusters: "cluster",
  "virtual-machines": "virtual-machine",
  notes: "note",
  orders: "order",
  scans: "scan",
  databases: "database",
  vaults: "vault",
};

function keyOf(path: string): { type: string; id: string } {
  const [collection = "", id = ""] = path.split("/").slice(-2);
  return { type: NAMES[collection] ?? collection, id };
}
