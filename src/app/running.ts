import type { Broker } from "../core/broker.ts";
import type { ResourceType } from "../core/resource-type.ts";
import type { Store } from "../core/store.ts";
import type { Server } from "../server/server.ts";
import type { Worker } from "../worker/index.ts";

/** What start() has set going. */
export interface Running {
  readonly types: readonly ResourceType[];
  /** A worker apart from its servers has none. */
  readonly store: Store | undefined;
  readonly broker: Broker;
  readonly server: Server | undefined;
  readonly worker: Worker | undefined;
}
