import { Client } from "pg";
import type { Clock } from "../../../core/scheduling/clock.ts";
import type { RowValues } from "../../values.ts";
import { directConfig, type Parameter, type Session } from "../connection/connections.ts";
import type { Settings } from "../connection/options.ts";
import { PostgresError } from "../connection/postgres-error.ts";
import type { Statement } from "../connection/statement.ts";

export interface NotifyConnectionOptions {
  readonly settings: Settings;
  /** The channel, quoted for LISTEN. */
  readonly channel: string;
  readonly clock: Clock;
  /** Called with the payload of a notification of another session, and the process id of that session. */
  readonly onPayload: (text: string, pid: number) => void;
  /** Called if a pooler is in between, which cannot carry notifications. The connection is then not used. */
  readonly onPooler: () => void;
  /** Called when the connection listens: for the first time, or again after it was lost. */
  readonly onListening: () => void;
}

/** Interval between probes of an idle connection. */
const PROBE_INTERVAL_MS = 10_000;
const PROBE: Statement = { name: "probe", text: "select 1" };

/** Maximum time of a reply. Heartbeats must use another connection well within a lease. */
const REPLY_TIMEOUT_MS = 5000;

/** Number of transactions that look for a pooler: other clients may use the sessions that one trial would notice. */
const POOLER_TRIALS = 10;

const MIN_RECONNECT_DELAY_MS = 50;
const MAX_RECONNECT_DELAY_MS = 2000;

/**
 * The connection that listens, separate from the pool. Its statements never wait for other calls, nor for the disk.
 * Reconnects until it is closed.
 */
export class NotifyConnection implements Session {
  readonly #options: NotifyConnectionOptions;
  #client: Client | undefined;
  #isListening = false;
  #isClosing = false;
  #reconnectDelayMs = MIN_RECONNECT_DELAY_MS;
  #stopTimer: () => void = () => {};

  constructor(parts: NotifyConnectionOptions) {
    this.#options = parts;
    void this.#connect();
  }

  get isListening(): boolean {
    return this.#isListening;
  }

  /** Runs a statement. @throws PostgresError also while there is no connection */
  async run({ name, text }: Statement, parameters: readonly Parameter[] = []): Promise<readonly RowValues[]> {
    const client = this.#client;
    if (client === undefined || !this.#isListening) {
      throw new PostgresError(new Error("the notify connection is not connected"));
    }
    try {
      const { rows } = await client.query<RowValues[]>({ name, text, values: [...parameters], rowMode: "array" });
      return rows;
    } catch (cause) {
      throw new PostgresError(cause);
    }
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#isListening = false;
    this.#stopTimer();
    await this.#client?.end().catch(() => {});
  }

  async #connect(): Promise<void> {
    const { channel, onListening } = this.#options;
    const client = createClient(this.#options.settings);
    this.#client = client;
    client.on("error", () => this.#disconnect(client)).on("end", () => this.#disconnect(client));
    try {
      await client.connect();
      if (await isPooled(client, this.#options.settings)) {
        this.#isClosing = true;
        this.#disconnect(client);
        this.#options.onPooler();
        return;
      }
      await this.#listen(client, channel);
    } catch {
      this.#disconnect(client);
      return;
    }
    if (this.#client !== client || this.#isClosing) return;
    this.#reconnectDelayMs = MIN_RECONNECT_DELAY_MS;
    this.#isListening = true;
    this.#probe();
    onListening();
  }

  async #listen(client: Client, channel: string): Promise<void> {
    const pid = await backendPid(client);
    client.on("notification", ({ processId, payload = "" }) => {
      // A process also receives its own notifications.
      if (processId !== pid) this.#options.onPayload(payload, processId);
    });
    await client.query(`set synchronous_commit = off; listen ${channel}`);
  }

  #probe(): void {
    this.#stopTimer = this.#options.clock.after(PROBE_INTERVAL_MS, () => {
      // A missing reply ends the connection.
      this.run(PROBE).then(
        () => this.#probe(),
        () => {},
      );
    });
  }

  #disconnect(client: Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#isListening = false;
    this.#stopTimer();
    client.end().catch(() => {});
    if (this.#isClosing) return;
    const { clock } = this.#options;
    this.#stopTimer = clock.after(this.#reconnectDelayMs * (0.5 + clock.random() / 2), () => void this.#connect());
    this.#reconnectDelayMs = Math.min(MAX_RECONNECT_DELAY_MS, this.#reconnectDelayMs * 2);
  }
}

/**
 * Returns true if a pooler in transaction mode is in between. Every pooler has process ids of its own. One in session
 * mode keeps the session in the database, also while another client is in a transaction; without a `listenUrl`, it is
 * not trusted to.
 */
async function isPooled(client: Client, settings: Settings): Promise<boolean> {
  const pid = await backendPid(client);
  // The id that the server has sent when the connection was opened, for cancel requests.
  if (pid === Reflect.get(client, "processID")) return false;
  if (settings.listenUrl === undefined) return true;
  const other = createClient(settings);
  other.on("error", () => {});
  try {
    await other.connect();
    for (let trial = 0; trial < POOLER_TRIALS; trial++) {
      await other.query("begin");
      const lent = await backendPid(other);
      if (lent === pid || (await backendPid(client)) !== pid) return true;
      await other.query("commit");
    }
    return false;
  } finally {
    await other.end().catch(() => {});
  }
}

async function backendPid(client: Client): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  return rows[0]?.pid;
}

function createClient(settings: NotifyConnectionOptions["settings"]): Client {
  return new Client({
    ...directConfig(settings),
    pipeline: true,
    query_timeout: Math.min(REPLY_TIMEOUT_MS, settings.statementTimeoutMs),
  });
}
