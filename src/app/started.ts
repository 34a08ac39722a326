/** The process of `afoot start`, as an app file's `started` gets it. */
export interface StartedProcess {
  /** URL of the API, such as `http://127.0.0.1:8080/api`; undefined in a worker, which serves nothing. */
  readonly url: string | undefined;
  readonly role: "all" | "server" | "worker";
  /** The value of `--broker` or `AFOOT_BROKER`. */
  readonly broker: string;
  /** Aborted when the process is about to stop. */
  readonly signal: AbortSignal;
}

/**
 * A function that an app file may export as `started`, beside the app. `afoot start` calls it once the app is served,
 * and waits for it before it reports that the app is started. Start schedules, consumers and other processes here. It
 * is not called in processes of isolated work. An error ends the process.
 */
export type Started = (process: StartedProcess) => void | Promise<void>;
