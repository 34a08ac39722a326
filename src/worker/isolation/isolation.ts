import { type Log, warnOnce } from "../../core/ports/log.ts";
import type { Clock } from "../../core/scheduling/clock.ts";
import type { AttemptParts } from "../attempt/attempt.ts";
import { execute, type RunningAttempt } from "../execution/execute.ts";
import { Pool } from "./pool.ts";

/** Options of isolated work, which runs in processes of its own. */
export interface IsolationOptions {
  /** URL of the module whose default export is the app, such as `import.meta.resolve("./app.ts")`. Every isolated process imports it. */
  readonly module: string | URL;
  /** Maximum number of processes for isolated work, and as many again for work that lost its worker. @default 4 */
  readonly maxProcesses?: number;
  /** Maximum heap size of a process, in MiB. @default 512 */
  readonly memoryMb?: number;
  /** Time in milliseconds without event-loop activity after which a process is killed. @default 15000 */
  readonly silentMs?: number;
}

/** Runs work in separate processes, so that a crash affects no other work. */
export interface Isolation {
  readonly run: (parts: AttemptParts) => RunningAttempt;
  /** Returns the number of further `isolated` attempts that can start at once. */
  readonly free: () => number;
  /** Kills all processes and resolves once they have exited. */
  readonly close: () => Promise<void>;
}

export interface IsolationParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly options: IsolationOptions | undefined;
}

/**
 * Creates the pools of isolated processes, which start on demand. Work that is declared `isolated`, and work whose process died,
 * runs alone in a process. Work that lost its worker, most often by a restart, first shares processes: it is numerous and mostly
 * harmless, and after another crash its operations are separated.
 */
export function createIsolation({ clock, log, options }: IsolationParts): Isolation {
  if (options === undefined) return inThisProcess(log);
  const { module, maxProcesses = 4, memoryMb = 512, silentMs = 15_000 } = options;
  const suspects = new Set<string>();
  const markSuspect = (operation: string): void => {
    suspects.add(operation);
  };
  const poolOptions = { module: String(module), maxProcesses, memoryMb, silentMs, clock, log, onLost: markSuspect };
  const dedicated = new Pool({ ...poolOptions, attemptsPerProcess: 1 });
  const shared = new Pool({ ...poolOptions, attemptsPerProcess: Infinity });
  return {
    free: () => Math.max(0, dedicated.free),
    run(parts) {
      const { operation, kind } = parts.grant;
      const isDeclared = parts.type.operations.get(kind)?.policy.isolated === true;
      const isSuspect = suspects.delete(operation);
      return (isDeclared || isSuspect ? dedicated : shared).run(parts);
    },
    close: async () => {
      await Promise.all([dedicated.close(), shared.close()]);
    },
  };
}

const ADVICE = "pass `isolation: { module }` to app.start(), with the URL of the module that exports the app";
const DECLARED_UNISOLATED = `isolated work runs in this process; to isolate it, ${ADVICE}`;
const LOST_UNISOLATED = `work that lost its worker runs in this process, which ends if the work caused the loss; to isolate such work, ${ADVICE}`;

function inThisProcess(log: Log): Isolation {
  return {
    free: () => Infinity,
    run(parts) {
      const { type, kind } = parts.grant;
      const isDeclared = parts.type.operations.get(kind)?.policy.isolated === true;
      warnOnce(log, `isolation ${isDeclared}`, { type, kind }, isDeclared ? DECLARED_UNISOLATED : LOST_UNISOLATED);
      return execute(parts);
    },
    close: async () => {},
  };
}
