import type { Broker } from "../core/ports/broker.ts";
import type { Log } from "../core/ports/log.ts";
import type { Store } from "../core/ports/store.ts";
import type { Clock } from "../core/scheduling/clock.ts";
import type { Authenticate } from "../server/access/access.ts";
import type { IsolationOptions } from "../worker/index.ts";

export interface AppStartOptions {
  /** What keeps everything. A worker whose broker leads to servers elsewhere, such as `natsBroker()`, opens none. */
  readonly store?: Store;
  /** @default a broker inside this process */
  readonly broker?: Broker;
  /** What this process does: answer requests, run work, or both. @default "all" */
  readonly role?: "all" | "server" | "worker";
  /** @default says nothing */
  readonly log?: Log;
  /** @default the machine's */
  readonly clock?: Clock;
  /** Who else is let in, beside those whom the app's own `authenticate` knows. @default nobody */
  readonly authenticate?: Authenticate;
  /** How work runs in a process of its own: needs the URL of the module whose default export is this app. @default in this process */
  readonly isolation?: IsolationOptions;
}
