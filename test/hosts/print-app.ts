import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { z } from "zod";
import { type AppParts, createApp } from "../../src/app/create-app.ts";
import { defineResource } from "../../src/core/definition/define-resource.ts";
import type { ServerOptions } from "../../src/server/options.ts";
import { sqliteStore } from "../../src/stores/sqlite/index.ts";
import { temporaryFolder } from "../support/afoot-process.ts";

export const print = defineResource({
  name: "print",
  configuration: z.object({ title: z.string().min(1), hold: z.boolean().default(false) }),
  details: z.object({ pages: z.int() }),
  statuses: { ready: "Printed" },
  create: {
    status: "Printing",
    async work({ configuration, receive }) {
      if (configuration.hold) await receive("approval");
      return { pages: configuration.title.length };
    },
  },
  update: { status: "Reprinting", work: ({ configuration }) => ({ pages: configuration.title.length }) },
  delete: { status: "Shredding", work: () => undefined },
  actions: { fold: { status: "Folding", work: ({ configuration }) => ({ pages: configuration.title.length }) } },
  receives: { approval: z.object({ by: z.string() }) },
});

/** An app of every kind of route, whose store is in a folder of its own. */
export async function startPrintApp(options: Partial<ServerOptions> = {}): Promise<AppParts & AsyncDisposable> {
  const folder = await temporaryFolder();
  const app = createApp({ resources: [print], ...options });
  await app.start({ store: sqliteStore({ path: join(folder.path, "prints.db") }) });
  return Object.assign(app, {
    async [Symbol.asyncDispose]() {
      await app.close({ graceMs: 1000 });
      await folder[Symbol.asyncDispose]();
    },
  });
}

/** Listens on a free port, and returns it. */
export async function listenOn(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return portOf(server);
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

export async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  if (server.listening) await once(server, "close");
}
