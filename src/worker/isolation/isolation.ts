import type { Log } from "../../core/ports/log.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { AttemptParts } from "../attempt/attempt.ts";
import { execute, type Running } from "../execution/execute.ts";
import { Pool } from "./pool.ts";

export interface IsolationOptions {
  /** URL of the module whose default export is the app. Every process of isolated work imports it. */
  readonly module: string;
  /** How many processes there may be for work that runs alone, and as many for work that lost its worker. @default 4 */
  readonly places?: number;
  /** The size that the heap of a process may reach, in MiB. @default 512 */
  readonly memoryMb?: number;
  /** How long the event loop of a process may stand still before it is ended. @default 15000 */
  readonly silentMs?: number;
}

/** Runs work in processes of its own, so that what it breaks is its own. */
export interface Isolation {
  readonly run: (parts: AttemptParts) => Running;
  /** How many more attempts of work that is declared isolated can begin at once. */
  readonly free: () => number;
  /** Resolves once no process is left. */
  readonly close: () => Promise<void>;
}

export interface IsolationParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly options: IsolationOptions | undefined;
}

/**
 * Makes the processes of isolated work, none of which runs before it is needed. Work that is declared isolated, and work that was
 * in a process that died, has a process for itself. Work that lost its worker, most often by a restart, first shares: there may
 * be many of it, nearly all innocent, and what dies together is told apart the next time.
 */
export function createIsolation({ clock, log, options }: IsolationParts): Isolation {
  if (options === undefined) return inThisProcess(log);
  const { module, places = 4, memoryMb = 512, silentMs = 15_000 } = options;
  const suspects = new Set<string>();
  const onLost = (operation: string): void => {
    suspects.add(operation);
  };
  const shared = { module, places, memoryMb, silentMs, clock, log, onLost };
  const alone = new Pool({ ...shared, perChild: 1 });
  const together = new Pool({ ...shared, perChild: Infinity });
  return {
    free: () => Math.max(0, alone.free),
    run(parts) {
      const { operation, kind } = parts.grant;
      const isDeclared = parts.type.operations.get(kind)?.policy.isolated === true;
      const isSuspect = suspects.delete(operation);
      return (isDeclared || isSuspect ? alone : together).run(parts);
    },
    close: async () => {
      await Promise.all([alone.close(), together.close()]);
    },
  };
}

function inThisProcess(log: Log): Isolation {
  let isWarned = false;
  return {
    free: () => Infinity,
    run(parts) {
      if (!isWarned) {
        isWarned = true;
        log.warn(
          { type: parts.grant.type },
          "work that needs a process of its own runs in this one: give app.start() the URL of the module that exports the app",
        );
      }
      return execute(parts);
    },
    close: async () => {},
  };
}
