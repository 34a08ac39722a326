import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import {
  type CreateHttpPollerOptions,
  createHttpPoller,
  type OperationResponse,
  type OperationState,
  type PollerLike,
  type RunningOperation,
} from "@azure/core-lro";
import { type CompatibilityServer, DETAILS, LINUX, OUTCOMES, startServer } from "./server.ts";

type Fields = { readonly [field: string]: unknown } | undefined;
type Poller = PollerLike<OperationState<Fields>, Fields>;

interface Write {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

/** The operation that Azure's generated clients pass to the poller: the first request, and the poll. */
function running({ call }: CompatibilityServer, { method, path, body }: Write): RunningOperation<Fields> {
  const send = async (verb: string, url: string, sent?: unknown): Promise<OperationResponse<Fields>> => {
    const reply = await call(verb, url, sent);
    const rawResponse = {
      statusCode: reply.status,
      request: { method: verb, url },
      headers: Object.fromEntries(reply.headers),
      body: reply.body,
    };
    return { flatResponse: reply.body, rawResponse };
  };
  return {
    sendInitialRequest: async () => send(method, path, body),
    sendPollRequest: async (url) => send("GET", url),
  };
}

function poller(
  server: CompatibilityServer,
  write: Write,
  options: CreateHttpPollerOptions<Fields, OperationState<Fields>> = {},
): Poller {
  return createHttpPoller(running(server, write), options);
}

interface Case {
  readonly method: string;
  /** Returns the write, and the resource whose operation it starts. */
  readonly begin: (server: CompatibilityServer) => Promise<Write>;
  /** The resource, after the write was accepted. */
  readonly result?: Fields;
}

let chosen = 0;

const CASES: readonly Case[] = [
  { method: "POST", begin: async () => ({ method: "POST", path: "/api/machines", body: LINUX }), result: DETAILS },
  {
    method: "POST of an action",
    begin: async (server) => ({ method: "POST", path: `${await server.createReady()}/start` }),
    result: { starts: 1 },
  },
  {
    method: "PUT",
    begin: async () => ({ method: "PUT", path: `/api/machines/m-${++chosen}`, body: LINUX }),
    result: DETAILS,
  },
  {
    method: "PATCH",
    begin: async (server) => ({
      method: "PATCH",
      path: await server.createReady(),
      body: { configuration: { ram: "16GB" } },
    }),
    result: { configuration: { os: "Linux", ram: "16GB" } },
  },
  { method: "DELETE", begin: async (server) => ({ method: "DELETE", path: await server.createReady() }) },
];

interface Begun {
  readonly following: Poller;
  /** Returns the resource that the status monitor names. */
  readonly resource: string;
}

async function begun(server: CompatibilityServer, write: Write): Promise<Begun> {
  let location = "";
  const following = poller(server, write, {
    withOperationLocation(url) {
      location = url;
    },
  });
  await following.submitted();
  const { body } = await server.call("GET", location);
  return { following, resource: String(body?.["resource"]) };
}

function assertResult(actual: Fields, expected: Fields): void {
  assert.partialDeepStrictEqual(
    actual ?? {},
    expected === undefined ? { status: "Succeeded" } : { status: "Ready", ...expected },
  );
}

describe("@azure/core-lro", { concurrency: true, timeout: 120_000 }, () => {
  const starting = startServer();
  after(async () => (await starting)[Symbol.asyncDispose]());

  for (const { method, begin, result } of CASES) {
    for (const outcome of OUTCOMES) {
      // A delete in progress cannot be cancelled.
      if (method === "DELETE" && outcome === "cancelled") continue;
      it(`follows a ${method} that is ${outcome}`, async () => {
        const server = await starting;
        const { following, resource } = await begun(server, await begin(server));
        const seen: string[] = [];
        following.onProgress(({ status }) => seen.push(status));
        await following.poll();
        assert.deepEqual({ isDone: following.isDone, seen }, { isDone: false, seen: ["running"] });
        await server.end(resource, outcome);
        if (outcome === "succeeded") assertResult(await following.pollUntilDone(), result);
        else {
          const message = outcome === "failed" ? /has failed\. not-approved\. Nobody wanted it\.$/ : /was canceled$/;
          await assert.rejects(following.pollUntilDone(), message);
        }
        assert.equal(following.operationState?.status, outcome === "cancelled" ? "canceled" : outcome);
      });
    }
  }

  it("takes a write that changes nothing for done", async () => {
    const server = await starting;
    const path = await server.createReady();
    const write = { method: "PATCH", path, body: { configuration: { os: "Linux" } } };
    assertResult(await poller(server, write).pollUntilDone(), DETAILS);
  });

  it("follows a delete of what is in progress, which is cancelled first", async () => {
    const server = await starting;
    const { following, resource } = await begun(server, { method: "DELETE", path: await server.create() });
    await server.shows(resource, "Deleting");
    await server.end(resource, "succeeded");
    assertResult(await following.pollUntilDone(), undefined);
  });
});

describe("@azure/core-lro over a restart of the server", { timeout: 120_000 }, () => {
  it("goes on from what it serialized, whatever the method and the end", async () => {
    await using server = await startServer();
    const saved = await Promise.all(
      CASES.flatMap(({ begin, method, result }) =>
        OUTCOMES.filter((outcome) => method !== "DELETE" || outcome !== "cancelled").map(async (outcome) => {
          const write = await begin(server);
          const { following, resource } = await begun(server, write);
          return { write, restoreFrom: await following.serialize(), outcome, result, resource };
        }),
      ),
    );
    await server.restart();
    await Promise.all(
      saved.map(async ({ write, restoreFrom, outcome, result, resource }) => {
        const restored = poller(server, write, { restoreFrom });
        await server.end(resource, outcome);
        if (outcome === "succeeded") assertResult(await restored.pollUntilDone(), result);
        else await assert.rejects(restored.pollUntilDone(), outcome === "failed" ? /not-approved/ : /canceled/);
      }),
    );
  });

  it("finds the end of an operation that others have followed since", async () => {
    await using server = await startServer();
    const body = { configuration: { ram: "1GB" } };
    const { following: first, resource } = await begun(server, {
      method: "PATCH",
      path: await server.createReady(),
      body,
    });
    const restoreFrom = await first.serialize();
    await server.end(resource, "failed");
    await assert.rejects(first.pollUntilDone(), /not-approved/);
    const second = poller(server, { method: "DELETE", path: resource });
    const deleting = await second.serialize();
    await server.end(resource, "succeeded");
    await second.pollUntilDone();
    await server.restart();
    await assert.rejects(
      poller(server, { method: "PATCH", path: resource }, { restoreFrom }).pollUntilDone(),
      /not-approved/,
    );
    const restored = poller(server, { method: "DELETE", path: resource }, { restoreFrom: deleting });
    assertResult(await restored.pollUntilDone(), undefined);
  });
});
