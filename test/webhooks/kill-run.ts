import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { type AfootProcess, startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { parseObject } from "../support/json.ts";
import { startPostgres } from "../support/postgres.ts";
import { random } from "../support/random.ts";
import { type Receiver, startReceiver } from "./receiver.ts";

const APP = join(import.meta.dirname, "kill-app.ts");

export interface KillRunOptions {
  /** Number of runs on this store, each with one SIGKILL. */
  readonly runs: number;
  readonly store: "sqlite" | "postgres";
  readonly onProgress?: (text: string) => void;
}

/** The findings of a run. */
export interface KillReport {
  readonly runs: number;
  readonly kills: number;
  readonly delivered: number;
  /** Number of events that arrived more than once. */
  readonly repeated: number;
  readonly faults: readonly string[];
}

/**
 * Creates resources whose app dies between the commit that settles and the request, once for each. A third of them dies when
 * the request has arrived, and before the response. Starts the app again each time, until each event has arrived.
 */
export async function killRun({ runs, store, onProgress }: KillRunOptions): Promise<KillReport> {
  await using folder = await temporaryFolder();
  const postgres = store === "postgres" ? await startPostgres() : undefined;
  const secret = `whsec_${randomBytes(32).toString("base64")}`;
  let running: AfootProcess | undefined;
  const dead = new Set<string>();
  await using receiver = await startReceiver(({ path }, response) => {
    const run = path.slice(1);
    if (run.startsWith("late-") && !dead.has(run)) {
      dead.add(run);
      running?.signal("SIGKILL");
    } else response.writeHead(204).end();
  }, "0.0.0.0");
  const start = async (): Promise<AfootProcess> => {
    const environment = { KILL_FOLDER: folder.path, KILL_SECRET: secret };
    const flags = postgres === undefined ? [] : ["--store", postgres.url];
    const target = postgres === undefined ? { folder: folder.path, environment } : { environment, flags };
    running = await startAfoot({ app: APP, ...target });
    return running;
  };
  try {
    const names = Array.from({ length: runs }, (_, index) => `${random() < 1 / 3 ? "late" : "kill"}-${index}`);
    const isKilled = (name: string): boolean => dead.has(name) || existsSync(join(folder.path, name));
    for (const name of names) {
      const current = await start();
      await create(current, name, receiver);
      // No earlier delivery ends this process: each has ended one.
      await current.ended;
      onProgress?.(`${store}: ${names.filter(isKilled).length} of ${runs} killed`);
    }
    await start();
    const hasArrived = (name: string): boolean => eventsOf(receiver, name).length >= (name.startsWith("late-") ? 2 : 1);
    await eventually("each event", () => names.every(hasArrived), { timeoutMs: 120_000 });
    return reportOf(receiver, names, isKilled, secret);
  } finally {
    await running?.kill();
    await postgres?.remove();
  }
}

/** Creates the resource of a run. It is repeated with the same key, so a process that dies meanwhile makes no second one. */
async function create({ origin }: AfootProcess, name: string, receiver: Receiver): Promise<void> {
  const response = await fetch(`${origin}/api/things`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-run": name, "idempotency-key": name },
    body: JSON.stringify({
      configuration: { survives: false },
      webhook: `${receiver.url.replace("0.0.0.0", hostOf(name))}/${name}`,
    }),
  });
  if (response.status !== 202) throw new Error(`${response.status}: ${await response.text()}`);
}

function eventsOf({ requests }: Receiver, name: string) {
  return requests.filter(({ path }) => path === `/${name}`);
}

function reportOf(
  receiver: Receiver,
  names: readonly string[],
  isKilled: (name: string) => boolean,
  secret: string,
): KillReport {
  const faults = names.flatMap((name) => {
    const events = eventsOf(receiver, name);
    const ids = new Set(events.map(({ headers }) => headers["webhook-id"]));
    const isLate = name.startsWith("late-");
    return [
      ...(isKilled(name) ? [] : [`${name}: no process died`]),
      ...(ids.size === 1 ? [] : [`${name}: ${ids.size} ids`]),
      ...(new Set(events.map(({ text }) => text)).size === 1 ? [] : [`${name}: the payloads differ`]),
      ...(isLate && events.length < 2 ? [`${name}: not repeated after a crash`] : []),
      ...events.flatMap((event) => faultOf(event, secret).map((fault) => `${name}: ${fault}`)),
    ];
  });
  return {
    runs: names.length,
    kills: names.filter(isKilled).length,
    delivered: names.filter((name) => eventsOf(receiver, name).length > 0).length,
    repeated: names.filter((name) => eventsOf(receiver, name).length > 1).length,
    faults,
  };
}

function faultOf({ text, headers }: Receiver["requests"][number], secret: string): readonly string[] {
  try {
    // Requests of a long run are older than `verify` accepts.
    const timestamp = new Date(Number(headers["webhook-timestamp"]) * 1000);
    const signature = new Webhook(secret).sign(String(headers["webhook-id"]), timestamp, text);
    const { type } = parseObject(text);
    return [
      ...(headers["webhook-signature"] === signature ? [] : ["the signature is invalid"]),
      ...(type === "thing.settled" ? [] : [`the type is ${String(type)}`]),
    ];
  } catch (error) {
    return [String(error)];
  }
}

/** Returns a host of its own for every few runs: dead workers keep the turns of a host until their lease expires. */
function hostOf(name: string): string {
  return `127.0.0.${(Number(name.replace(/^.*-/, "")) % 100) + 1}`;
}
