import assert from "node:assert/strict";
import { type Client, type ClientOptions, createClient } from "../../src/client/index.ts";
import type { ResourceSpec, ResourceType } from "../../src/core/definition/resource-type.ts";
import { JumpingClock } from "../support/stepped-clock.ts";
import { type Reply, type Script, ScriptedServer } from "./scripted-server.ts";

interface Machines {
  readonly "~types"?: readonly [ResourceType<ResourceSpec & { readonly path: "virtual-machines" }>];
}

export interface TypedFixture {
  readonly clock: JumpingClock;
  readonly server: ScriptedServer;
  readonly api: Client<Machines>;
}

export async function typedFixture(
  script: Script,
  run: (fixture: TypedFixture) => Promise<void>,
  options: ClientOptions = {},
): Promise<void> {
  const clock = new JumpingClock();
  {
    await using server = await ScriptedServer.start(clock, script);
    const api = createClient<Machines>(`${server.origin}/api`, { clock, fetch: server.fetch, ...options });
    await run({ clock, server, api });
  }
  assert.deepEqual(clock.pending, [], "a timer is left behind");
}

/** Replies by `METHOD /path`. Several replies to one request are sent in order, and the last one is repeated. */
export function routes(table: Readonly<Record<string, Reply | readonly Reply[]>>): Script {
  const counts = new Map<string, number>();
  return ({ method, path }) => {
    const route = `${method} ${path}`;
    const replies = [table[route] ?? []].flat();
    const count = counts.get(route) ?? 0;
    counts.set(route, count + 1);
    return (
      replies[Math.min(count, replies.length - 1)] ?? {
        status: 404,
        body: { code: "not-found", detail: `No ${route}.` },
      }
    );
  };
}

const HERE = { id: "67890", configuration: { os: "Linux" } };

/** A reply that shows the resource in progress. `version` makes replies distinct. */
export function busy(status: string, version: number, more: Reply = {}): Reply {
  return { headers: { "retry-after": "5", etag: `"c.${version}-b"` }, body: { ...HERE, status }, ...more };
}

export function settled(status: string, version: number, fields: object = {}): Reply {
  return { headers: { etag: `"c.${version}-b"` }, body: { ...HERE, status, ...fields } };
}

export const FAULT = {
  type: "urn:x",
  title: "Work failed",
  detail: "No capacity left.",
  code: "no-capacity",
  retryable: true,
};
