import { createApp, defineResource } from "afoot";
import { sqliteStore } from "afoot/stores/sqlite";
import { z } from "zod";
import type { AppStartOptions } from "../../src/app/start-options.ts";
import type { Observation, ObservedResource } from "../../src/core/definition/resource-type.ts";
import { isJsonObject } from "../../src/core/json/json.ts";
import type { Log } from "../../src/core/ports/log.ts";
import type { Store } from "../../src/core/ports/store.ts";
import type { Clock } from "../../src/core/scheduling/clock.ts";
import { temporaryFolder } from "../support/afoot-process.ts";

const configuration = z.object({ ram: z.string() });
const details = z.object({ address: z.ipv4(), rack: z.number().default(1) });

/** A background process with scripted results of `observe`. */
export class Process {
  readonly calls: ObservedResource[] = [];
  readonly started: string[] = [];
  readonly stopped: string[] = [];
  /** Result of every call. */
  result: (resource: ObservedResource) => unknown = () => undefined;

  observe(resource: ObservedResource): Promise<Observation<z.infer<typeof details>>> {
    this.calls.push(resource);
    // An unknown process may return anything.
    return this.result(resource) as Promise<Observation<z.infer<typeof details>>>;
  }
}

function resourcesOf(process: Process) {
  const observe = (resource: ObservedResource) => process.observe(resource);
  /** External: the process finds and runs the operation itself. */
  const machine = defineResource({
    name: "machine",
    configuration,
    details,
    statuses: { ready: ["Ready", "Stopped"] },
    create: { status: "Provisioning", external: true },
    update: { status: "Resizing", external: true },
    delete: { status: "Deleting", external: true },
    observe,
  });
  /** Started by work, which leaves the rest to the process. */
  const cluster = defineResource({
    name: "cluster",
    configuration,
    details,
    statuses: { ready: "Ready" },
    create: {
      status: "Provisioning",
      async work({ id, step, observed }) {
        await step("start", () => void process.started.push(id), { undo: () => void process.stopped.push(id) });
        return observed();
      },
    },
    observe,
  });
  return [machine, cluster] as const;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** Returns the varying fields of a representation. */
export function shown({ body }: Answer): Record<string, unknown> {
  const { id: _id, configuration: _configuration, estimatedTimeRemaining: _time, ...rest } = body;
  return rest;
}

/** A server on a store, with the background process that it observes. */
export interface Fixture extends AsyncDisposable {
  readonly process: Process;
  /** Logged warnings with their errors. */
  readonly warnings: { readonly message: string; readonly error: string }[];
  readonly send: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;
  readonly response: (path: string, headers: Record<string, string>) => Promise<Response>;
  /** Creates a resource and returns its path. */
  readonly create: (path: "machines" | "clusters") => Promise<string>;
}

export interface FixtureOptions {
  readonly process?: Process;
  readonly clock?: Clock;
  readonly role?: AppStartOptions["role"];
  /** @default SQLite in a temporary folder */
  readonly store?: Store;
}

export async function startFixture({
  process = new Process(),
  role = "server",
  ...given
}: FixtureOptions = {}): Promise<Fixture> {
  const folder = await temporaryFolder();
  const warnings: Fixture["warnings"] = [];
  const app = createApp({ messages: true, operations: true, resources: resourcesOf(process) });
  const { store = sqliteStore({ path: `${folder.path}/afoot.db` }), clock } = given;
  await app.start({ store, role, log: logInto(warnings), ...(clock === undefined ? {} : { clock }) });

  const send: Fixture["send"] = async (method, path, body, headers = {}) => {
    const response = await app.fetch(
      new Request(`http://localhost/api/${path}`, {
        method,
        headers: { ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    const json: unknown = text === "" ? {} : JSON.parse(text);
    return { status: response.status, headers: response.headers, body: isJsonObject(json) ? json : {} };
  };
  return {
    process,
    warnings,
    send,
    response: (path, headers) => app.fetch(new Request(`http://localhost/api/${path}`, { headers })),
    async create(path) {
      const { headers } = await send("POST", path, { configuration: { ram: "16GB" } });
      return (headers.get("Location") ?? "").slice("/api/".length);
    },
    async [Symbol.asyncDispose]() {
      await app.close({ graceMs: 0 });
      await folder[Symbol.asyncDispose]();
    },
  };
}

function logInto(warnings: Fixture["warnings"]): Log {
  const warn: Log["warn"] = (fields, message) => {
    const error: unknown = "error" in fields ? fields.error : "";
    warnings.push({ message, error: error instanceof Error ? error.message : String(error) });
  };
  return { debug: () => {}, info: () => {}, warn, error: warn };
}
