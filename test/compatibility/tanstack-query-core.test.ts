import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { environmentManager, QueryClient, QueryObserver } from "@tanstack/query-core";
import { type CompatibilityServer, OUTCOMES, startServer } from "./server.ts";

const EXPECTED = {
  succeeded: { status: "Ready", IPAddress: "192.168.1.10" },
  failed: { status: "Failed", error: { code: "not-approved" } },
  cancelled: { status: "Cancelled", error: { code: "cancelled" } },
};

interface Shown {
  readonly machine: { readonly [field: string]: unknown } | undefined;
  readonly askAgainInMs: number | false;
}

/** The query of docs/clients.md, without React. */
function observerOf(client: QueryClient, server: CompatibilityServer, path: string): QueryObserver<Shown> {
  return new QueryObserver<Shown>(client, {
    queryKey: [path],
    queryFn: async () => {
      const { headers, body } = await server.call("GET", path);
      const retryAfter = headers.get("retry-after");
      return { machine: body, askAgainInMs: retryAfter === null ? false : Number(retryAfter) * 1000 };
    },
    refetchInterval: ({ state }) => state.data?.askAgainInMs ?? false,
  });
}

/** Resolves to the first result that matches. */
async function shown(observer: QueryObserver<Shown>, isIt: (shown: Shown) => boolean): Promise<Shown> {
  const found = Promise.withResolvers<Shown>();
  const unsubscribe = observer.subscribe(({ data }) => {
    if (data !== undefined && isIt(data)) found.resolve(data);
  });
  const data = await found.promise;
  unsubscribe();
  return data;
}

describe("@tanstack/query-core", { concurrency: true, timeout: 120_000 }, () => {
  // Without a window, TanStack Query assumes a server and does not poll.
  environmentManager.setIsServer(() => false);
  const client = new QueryClient();
  const starting = startServer();
  after(async () => {
    client.clear();
    await (await starting)[Symbol.asyncDispose]();
  });

  for (const outcome of OUTCOMES) {
    it(`polls a resource until it is ${outcome}`, async () => {
      const server = await starting;
      const path = await server.create();
      const observer = observerOf(client, server, path);
      const stop = observer.subscribe(() => {});
      await shown(observer, ({ askAgainInMs }) => askAgainInMs !== false);
      await server.end(path, outcome);
      const { machine } = await shown(observer, ({ askAgainInMs }) => askAgainInMs === false);
      assert.partialDeepStrictEqual(machine ?? {}, EXPECTED[outcome]);
      stop();
    });
  }

  it("polls again after a write, after its query was invalidated", async () => {
    const server = await starting;
    const path = await server.createReady();
    const observer = observerOf(client, server, path);
    const stop = observer.subscribe(() => {});
    await shown(observer, ({ askAgainInMs }) => askAgainInMs === false);
    await server.call("POST", `${path}/start`);
    await client.invalidateQueries({ queryKey: [path] });
    const again = shown(observer, ({ askAgainInMs }) => askAgainInMs === false);
    await server.end(path, "succeeded");
    assert.partialDeepStrictEqual((await again).machine ?? {}, { status: "Ready", starts: 1 });
    stop();
  });
});
