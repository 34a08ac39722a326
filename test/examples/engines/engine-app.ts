import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { type AfootProcess, startAfoot, temporaryFolder } from "../../support/afoot-process.ts";
import { eventually } from "../../support/eventually.ts";
import { followed, type JsonReply, send } from "../../support/exchange.ts";
import { freePort } from "../../support/free-port.ts";

const EXAMPLES = resolve(import.meta.dirname, "../../../examples/engines");

/** The Afoot process of an example, on a store that survives its restarts. */
export interface EngineApp extends AsyncDisposable {
  readonly origin: () => string;
  /** Kills the process and starts it again. */
  readonly restart: () => Promise<void>;
  /** Creates a resource and returns its path. */
  readonly create: (configuration: object) => Promise<string>;
  /** Resolves to the representation once it satisfies the condition. */
  readonly until: (path: string, isMet: (body: Record<string, unknown>) => boolean) => Promise<Record<string, unknown>>;
  /** Follows a resource to its end. Resolves to all its representations. */
  readonly followed: (path: string) => Promise<readonly Record<string, unknown>[]>;
  readonly cancel: (path: string) => Promise<JsonReply>;
  /** Returns the id of the latest operation, by which the engine knows the job. */
  readonly operationOf: (path: string) => Promise<string>;
  readonly log: () => string;
}

export async function startEngineApp(
  example: string,
  collection: string,
  environment: Readonly<Record<string, string>>,
): Promise<EngineApp> {
  const folder = await temporaryFolder();
  const app = join(EXAMPLES, example, "app.ts");
  // Workers find the process at the same address after a restart.
  const flags = ["--port", String(await freePort())];
  const start = (): Promise<AfootProcess> => startAfoot({ app, folder: folder.path, environment, flags });
  let server = await start();
  const get = (path: string): Promise<JsonReply> => send(server.origin + path, "GET");
  return {
    origin: () => server.origin,
    async restart() {
      await server.kill();
      server = await start();
    },
    async create(configuration) {
      const { status, headers } = await send(`${server.origin}/api/${collection}`, "POST", { configuration });
      assert.equal(status, 202);
      return headers.get("Location") ?? assert.fail("no Location");
    },
    async until(path, isMet) {
      let last: Record<string, unknown> = {};
      await eventually(`${path} to change`, async () => {
        last = (await get(path)).body;
        return isMet(last);
      }).catch((cause: unknown) => assert.fail(`${String(cause)}: ${JSON.stringify(last)}\n${server.log()}`));
      return last;
    },
    followed: async (path) => (await followed(server.origin + path)).map(({ body }) => body),
    cancel: (path) => send(`${server.origin}${path}/cancel`, "POST"),
    async operationOf(path) {
      const items = (await get(`${path}/history`)).body["items"] as readonly { readonly operation: string }[];
      return items.at(-1)?.operation ?? assert.fail("no history");
    },
    log: () => server.log(),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Returns true for a progress between the beginning and the end. */
export function isUnderway({ progress }: Record<string, unknown>): boolean {
  return /^[1-9]\d?%$/.test(String(progress));
}
