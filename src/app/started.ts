/** What `afoot start` tells the app file of the process that it runs in. */
export interface StartedProcess {
  /** Where the API is served, such as `http://127.0.0.1:8080/api`; undefined in a worker, which serves nothing. */
  readonly url: string | undefined;
  readonly role: "all" | "server" | "worker";
  /** As `--broker` or `AFOOT_BROKER` named it. */
  readonly broker: string;
  /** Aborted when the process is asked to stop. */
  readonly signal: AbortSignal;
}

/**
 * What an app file may export as `started`, beside the app: `afoot start` calls it once the app runs and is served, and waits for
 * it before it says so. Here begins what goes with the process and not with a resource: a schedule, a consumer, processes beside it.
 * Never called in the processes of isolated work. What it throws ends the process.
 */
export type Started = (process: StartedProcess) => void | Promise<void>;
