import { Client } from "pg";
import type { Clock } from "../../../core/scheduling/clock.ts";
import type { RowValues } from "../../values.ts";
import { connectionConfig, type Parameter, type Session } from "../connection/connections.ts";
import { Fault } from "../connection/faults.ts";
import type { Settings } from "../connection/options.ts";
import type { Statement } from "../connection/statement.ts";

export interface SideConnectionParts {
  readonly settings: Settings & { readonly listenUrl: string };
  /** Quoted, as `listen` needs it. */
  readonly channel: string;
  readonly clock: Clock;
  /** A notification of another process. */
  readonly onText: (text: string) => void;
  /** It listens: for the first time, or anew after the connection was lost. */
  readonly onListening: () => void;
}

/** A connection on which nothing is said is asked this often whether it is still one. */
const PROBE_MS = 10_000;
const PROBE: Statement = { name: "probe", text: "select 1" };

/** An answer that takes longer does not come: beats have to find another way well within a lease. */
const SILENCE_MS = 5000;

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;

/**
 * The connection that listens, beside those of the pool: what goes over it waits for no other call, and for no disk. Connects again
 * whenever the connection is lost, until it is closed.
 */
export class SideConnection implements Session {
  readonly #parts: SideConnectionParts;
  #client: Client | undefined;
  #isListening = false;
  #isClosing = false;
  #pauseMs = FIRST_PAUSE_MS;
  #stopTimer: () => void = () => {};

  constructor(parts: SideConnectionParts) {
    this.#parts = parts;
    void this.#connect();
  }

  get isListening(): boolean {
    return this.#isListening;
  }

  /** @throws Fault also while there is no connection */
  async run({ name, text }: Statement, parameters: readonly Parameter[] = []): Promise<readonly RowValues[]> {
    const client = this.#client;
    if (client === undefined || !this.#isListening) throw new Fault(new Error("There is no connection that listens"));
    try {
      const { rows } = await client.query<RowValues[]>({ name, text, values: [...parameters], rowMode: "array" });
      return rows;
    } catch (cause) {
      throw new Fault(cause);
    }
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#isListening = false;
    this.#stopTimer();
    await this.#client?.end().catch(() => {});
  }

  async #connect(): Promise<void> {
    const { channel, onListening } = this.#parts;
    const client = createClient(this.#parts.settings);
    this.#client = client;
    client.on("error", () => this.#lose(client)).on("end", () => this.#lose(client));
    try {
      await client.connect();
      await this.#listen(client, channel);
    } catch {
      this.#lose(client);
      return;
    }
    if (this.#client !== client || this.#isClosing) return;
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#isListening = true;
    this.#probe();
    onListening();
  }

  async #listen(client: Client, channel: string): Promise<void> {
    const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
    client.on("notification", ({ processId, payload = "" }) => {
      // What this process says comes back to it too.
      if (processId !== rows[0]?.pid) this.#parts.onText(payload);
    });
    await client.query(`set synchronous_commit = off; listen ${channel}`);
  }

  #probe(): void {
    this.#stopTimer = this.#parts.clock.after(PROBE_MS, () => {
      // An answer that does not come ends the connection.
      this.run(PROBE).then(
        () => this.#probe(),
        () => {},
      );
    });
  }

  #lose(client: Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#isListening = false;
    this.#stopTimer();
    client.end().catch(() => {});
    if (this.#isClosing) return;
    const { clock } = this.#parts;
    this.#stopTimer = clock.after(this.#pauseMs * (0.5 + clock.random() / 2), () => void this.#connect());
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
  }
}

function createClient(settings: SideConnectionParts["settings"]): Client {
  return new Client({
    ...connectionConfig({ ...settings, url: settings.listenUrl }),
    pipeline: true,
    query_timeout: Math.min(SILENCE_MS, settings.statementTimeoutMs),
  });
}
