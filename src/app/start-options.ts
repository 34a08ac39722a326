import type { Broker } from "../core/ports/broker.ts";
import type { Inlet } from "../core/ports/inlet.ts";
import type { Log } from "../core/ports/log.ts";
import type { Store } from "../core/ports/store.ts";
import type { Clock } from "../core/scheduling/clock.ts";
import type { Authenticate } from "../server/access/access.ts";
import type { IsolationOptions } from "../worker/index.ts";

/** Options of `app.start`: the store, the broker, and what this process does. */
export interface AppStartOptions {
  /** The store. A worker whose broker reaches servers of other processes, such as `natsBroker()`, opens none. */
  readonly store?: Store;
  /** The broker between servers and workers. @default a broker inside this process */
  readonly broker?: Broker;
  /** Sources of status messages, in addition to the `inlets` of `createApp`. @default none */
  readonly inlets?: readonly Inlet[];
  /** Role of this process: serve requests, run work, or both. @default "all" */
  readonly role?: "all" | "server" | "worker";
  /** @default that of `logger` */
  readonly log?: Log;
  /** A logger of pino, such as `fastify.log`. Errors are in its field `err`. @default no log */
  readonly logger?: Log;
  /** Source of time. @default the system clock */
  readonly clock?: Clock;
  /** Authenticates requests that the app's own `authenticate` does not accept. @default none */
  readonly authenticate?: Authenticate;
  /** URL under which clients reach the server. @default the `publicUrl` of `createApp` */
  readonly publicUrl?: string | undefined;
  /** Serves agents, as the `mcp` of `createApp` does. @default that of `createApp` */
  readonly mcp?: boolean | undefined;
  /**
   * Runs work in isolated processes. Needs the URL of the module whose default export is this app. @default in this
   * process
   */
  readonly isolation?: IsolationOptions;
}
