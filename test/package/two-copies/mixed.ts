// Objects of one copy, passed to functions of an
import {
  type App,
  type AppStartOptions,
  createApp,
  defineResource,
  isAfootError,
  type PermanentError,
  settle,
} from "afoot";
import {
  type Collection,
  createClient,
  follow,
  type FollowedState,
  type ResourceHandle,
  type Retry,
} from "afoot/client";
import type { brokerConformance, storeConformance } from "afoot/conformance";
import { apiKeys, firstOf } from "afoot/credentials";
import type { afoot as plugin } from "afoot/fastify";
import { useResource } from "afoot/react";
import { fetchHandler, nodeListener } from "afoot/server";
import { sqliteStore } from "afoot/stores/sqlite";
import { crashAfterEveryCommit, runResource, virtualClock } from "afoot/testing";
import { createWorker } from "afoot/worker";
import { z } from "zod";
import { app as otherApp, machine } from "./api/app.ts";
import type { conformance, fastify, react } from "./api/other.ts";
import { afoot, client, credentials, natsBrokers, postgresStores, server, sqliteStores, testing } from "./api/other.ts";

// An app with types, a store, a broker and credentials of another copy.
const app = createApp({ resources: [machine], authenticate: credentials.apiKeys({ file: "keys" }) });
await app.start({
  store: sqliteStores.sqliteStore({ path: "data" }),
  broker: natsBrokers.natsBroker(),
  clock: testing.virtualClock(),
  authenticate: firstOf(credentials.apiKeys({ file: "a" }), apiKeys({ file: "b" })),
});
await app.start({ store: postgresStores.postgresStore({ url: "postgres://localhost" }) });
await otherApp.start({ store: sqliteStore({ path: "data" }), clock: virtualClock() });
({}) as afoot.AppStartOptions satisfies AppStartOptions;
({}) as AppStartOptions satisfies afoot.AppStartOptions;
otherApp satisfies App<readonly [typeof machine]>;
app satisfies afoot.App<readonly [typeof machine]>;

// Handles, states and errors.
declare const otherOptions: client.ClientOptions;
const handle: ResourceHandle = await otherApp.virtualMachines.create({ os: "Linux" });
const collection: Collection = otherApp.virtualMachines;
const back: client.ResourceHandle = await collection.get(handle.id);
back.state satisfies FollowedState;
await follow(handle.url, { read: client.azure }).settled();
await createClient<typeof otherApp>("http://localhost", otherOptions).virtualMachines.get("1");
useResource(handle.url).state satisfies ReturnType<typeof react.useResource>["state"];
useResource(handle.url).lastError satisfies ReturnType<typeof react.useResource>["lastError"];
({}) as client.Retry satisfies Retry;
const error: unknown = new afoot.PermanentError("No.");
if (afoot.isAfootError(error) && isAfootError(error)) {
  error satisfies InstanceType<typeof afoot.AfootError>;
}
new afoot.WorkError("No.") satisfies InstanceType<typeof PermanentError> | { readonly retryable: boolean };

// Work that uses another copy's settle and errors.
const disk = defineResource({
  name: "disk",
  configuration: z.object({ gb: z.number() }),
  details: z.object({ path: z.string() }),
  statuses: { ready: ["Ready", "Attached"] },
  create: {
    status: "Formatting",
    async work({ configuration }) {
      if (configuration.gb < 1) throw new afoot.PermanentError("Too small.");
      return afoot.settle("Attached", { path: "/dev/sda" });
    },
  },
});
settle("Ready", {}) satisfies afoot.Settled<"Ready", object>;

// Servers, workers and tests.
nodeListener(otherApp.handler);
fetchHandler(otherApp.handler);
server.nodeListener(app.handler);
({}) as Parameters<typeof plugin>[1] satisfies Parameters<typeof fastify.afoot>[1];
({ app: otherApp }) satisfies Pick<Parameters<typeof plugin>[1], "app">;
createWorker({ types: [machine, disk], broker: natsBrokers.natsBroker() });
await runResource(machine, { configuration: { os: "Linux" }, clock: testing.virtualClock() });
await crashAfterEveryCommit(machine, () => ({ configuration: { os: "Linux" } }));
await testing.runResource(disk, { configuration: { gb: 1 } });
({}) as Parameters<typeof conformance.storeConformance>[0] satisfies Parameters<typeof storeConformance>[0];
({}) as Parameters<typeof conformance.brokerConformance>[0] satisfies Parameters<typeof brokerConformance>[0];
