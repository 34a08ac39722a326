import type { ResourceType } from "../core/definition/resource-type.ts";
import { AfootError, DefinitionError } from "../core/errors.ts";
import type { Authenticate } from "../server/access/access.ts";
import { firstOf } from "../server/credentials/first-of.ts";
import { parsePublicUrl } from "../server/http/public-url.ts";
import type { ServerOptions } from "../server/options.ts";
import { type Running, startRunning, stopRunning } from "./running.ts";
import type { AppStartOptions } from "./start-options.ts";

/** Options of `app.close`. */
export interface CloseOptions {
  /**
   * Time for running work to finish, in milliseconds, up to a day. Its last second is kept for handing back the rest.
   *
   * @default 10000
   */
  readonly graceMs?: number;
}

/** Starts and stops the parts of an app, one after the other. */
export interface Lifecycle {
  /** The running parts; undefined before `start()` and after `close()`. */
  readonly running: Running | undefined;
  /** True from the call of `close()` to its end. */
  readonly isStopping: boolean;
  /** The server options; after `start()` with those that it added. */
  readonly options: ServerOptions;
  readonly start: (options: AppStartOptions) => Promise<void>;
  readonly close: (options?: CloseOptions) => Promise<void>;
}

export function createLifecycle(types: readonly ResourceType[], declared: ServerOptions): Lifecycle {
  let options = declared;
  let running: Running | undefined;
  let starting: Promise<Running> | undefined;
  let closing: Promise<void> | undefined;

  const stop = async (graceMs: number): Promise<void> => {
    const started = starting;
    starting = undefined;
    const stopping = await started?.catch(() => undefined);
    if (stopping === undefined) return;
    await stopRunning(stopping, graceMs);
    running = undefined;
  };

  return {
    get running() {
      return running;
    },
    get isStopping() {
      return starting === undefined;
    },
    get options() {
      return options;
    },
    async start(startOptions) {
      if (starting !== undefined || closing !== undefined) {
        throw new AfootError("started", "The app is still running. Await app.close() before starting it again.");
      }
      options = optionsAtStart(declared, startOptions);
      starting = startRunning(types, options, startOptions);
      try {
        running = await starting;
      } catch (error) {
        starting = undefined;
        throw error;
      }
    },
    async close({ graceMs = 10_000 } = {}) {
      checkGrace(graceMs);
      closing ??= stop(graceMs).finally(() => {
        closing = undefined;
      });
      await closing;
    },
  };
}

/** Maximum grace period: a day, as for `afoot start --grace`. */
const MAX_GRACE_MS = 86_400_000;

function checkGrace(graceMs: number): void {
  if (graceMs >= 0 && graceMs <= MAX_GRACE_MS) return;
  throw new DefinitionError(
    `app.close: graceMs: ${graceMs} is invalid. Use a number of milliseconds from 0 to ${MAX_GRACE_MS} (a day).`,
  );
}

/** Combines the options of the app with those of its start. */
function optionsAtStart(declared: ServerOptions, { authenticate, publicUrl, mcp }: AppStartOptions): ServerOptions {
  return {
    ...declared,
    ...combineAuthenticate(declared.authenticate, authenticate),
    ...(mcp === true && declared.mcp === false ? { mcp, operations: true } : {}),
    ...(publicUrl === undefined ? {} : { publicUrl: parsePublicUrl(publicUrl, "app.start: publicUrl") }),
  };
}

function combineAuthenticate(
  own: Authenticate | undefined,
  added: Authenticate | undefined,
): Pick<ServerOptions, "authenticate"> {
  return { authenticate: own === undefined || added === undefined ? (own ?? added) : firstOf(own, added) };
}
