import { createServer } from "node:http";
import { join } from "node:path";
import { type App, createApp, defineResource, PermanentError, settle } from "afoot";
import { sqliteStore } from "afoot/stores/sqlite";
import { z } from "zod";
import { type NodeListener, nodeListener } from "../../src/server/http/node-listener.ts";
import { temporaryFolder } from "../support/afoot-process.ts";

const virtualMachine = defineResource({
  name: "virtual-machine",
  configuration: z.object({
    os: z.string().min(1),
    ram: z.string().default("8GB"),
    tags: z.array(z.string()).optional(),
  }),
  details: z.object({ IPAddress: z.ipv4() }),
  statuses: { ready: ["Ready", "Stopped"] },
  create: {
    status: "Provisioning",
    retry: { attempts: 1 },
    async work({ report, receive }) {
      report({ progress: 0.5, status: "Waiting for approval" });
      const { approved, by } = await receive("approval");
      if (!approved) throw new PermanentError(`${by} said no.`, { code: "not-approved" });
      return { IPAddress: "192.168.1.10" };
    },
  },
  update: { status: "Resizing", work: async ({ details }) => details },
  delete: {
    status: "Deleting",
    async work({ configuration }) {
      if (configuration.tags?.includes("precious") === true) {
        throw new PermanentError("It is precious.", { code: "precious" });
      }
    },
  },
  actions: {
    "force-stop": {
      status: "Stopping",
      input: z.object({ reason: z.string() }),
      work: async ({ details }) => settle("Stopped", details),
    },
    start: { status: "Starting", work: async ({ details }) => details },
  },
  receives: { approval: z.object({ approved: z.boolean(), by: z.string().default("Nobody") }) },
});

/** A type whose path is not the plural of its name, and which has no delete work. */
const person = defineResource({
  name: "person",
  path: "people",
  configuration: z.object({ name: z.string() }),
  details: z.object({ greeting: z.string() }),
  statuses: { ready: "Known" },
  create: { status: "Asking", work: async ({ configuration }) => ({ greeting: `Hello ${configuration.name}` }) },
});

export function newApp(): App<readonly [typeof virtualMachine, typeof person]> {
  return createApp({ resources: [virtualMachine, person] });
}

export type LiveApp = ReturnType<typeof newApp>;

/** A real app on a real socket, with a store on disk over which it may be started again. */
export interface Live extends AsyncDisposable {
  readonly url: string;
  readonly app: LiveApp;
  /** Ends the app; its connections are cut. */
  readonly stop: () => Promise<void>;
  /** Starts another one on the same store and port. */
  readonly start: () => Promise<void>;
}

/** @param fallback handles requests outside the API's path */
export async function startLive(fallback?: NodeListener): Promise<Live> {
  const folder = await temporaryFolder();
  let app = newApp();
  let server = createServer();
  let port = 0;

  const start = async (): Promise<void> => {
    app = newApp();
    await app.start({ store: sqliteStore({ path: join(folder.path, "live.db") }) });
    const { basePath, bodyMs } = app.options;
    server = createServer(
      nodeListener(app.handler, { basePath, bodyMs, ...(fallback === undefined ? {} : { fallback }) }),
    );
    await new Promise<void>((resolve) => {
      server.listen(port, "127.0.0.1", resolve);
    });
    const address = server.address();
    port = typeof address === "object" && address !== null ? address.port : 0;
  };
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    const closed = new Promise((resolve) => {
      server.close(resolve);
    });
    await app.close({ graceMs: 0 });
    server.closeAllConnections();
    await closed;
  };

  await start();
  return {
    get url() {
      return `http://127.0.0.1:${port}/api`;
    },
    get app() {
      return app;
    },
    start,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}
