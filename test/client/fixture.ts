import assert from "node:assert/strict";
import { follow, type FollowOptions, type Following, type Snapshot } from "../../src/client/index.ts";
import { JumpingClock } from "../support/stepped-clock.ts";
import { type Reply, type Script, ScriptedServer } from "./scripted-server.ts";

export const PATH = "/api/virtual-machines/67890";

/** A representation in progress, in the shape of this pattern. */
export function inProgress(shown: string, headers: Record<string, string> = {}): Reply {
  return {
    headers: { "retry-after": "5", etag: `"1-${shown}"`, ...headers },
    body: { id: "67890", status: "Provisioning", progress: shown },
  };
}

export const READY: Reply = {
  headers: { etag: '"2-a"' },
  body: { id: "67890", status: "Ready", IPAddress: "192.168.1.10" },
};

export interface Fixture {
  readonly clock: JumpingClock;
  readonly server: ScriptedServer;
  readonly following: Following<unknown>;
}

export async function fixture(
  script: Script,
  run: (fixture: Fixture) => Promise<void>,
  options: FollowOptions = {},
): Promise<void> {
  const clock = new JumpingClock();
  {
    await using server = await ScriptedServer.start(clock, script);
    await run({ clock, server, following: follow(server.origin + PATH, { clock, fetch: server.fetch, ...options }) });
  }
  assert.deepEqual(clock.pending, [], "a timer is left behind");
}

/** Replies in order, and repeats the last one. */
export function inOrder(...replies: readonly [Reply, ...Reply[]]): Script {
  return (_, count) => replies[Math.min(count, replies.length) - 1] ?? replies[0];
}

export async function collect(following: AsyncIterable<Snapshot>): Promise<Snapshot[]> {
  const seen: Snapshot[] = [];
  for await (const state of following) seen.push(state);
  return seen;
}

/** Returns the error that a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => assert.fail(`resolved to ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
}

export function instants({ requests }: ScriptedServer): number[] {
  return requests.map(({ at }) => at);
}

export function progress(seen: readonly Snapshot[]): unknown[] {
  return seen.map((state) => state.progress);
}
