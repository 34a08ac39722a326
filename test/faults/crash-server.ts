// Serves the app of the fault tests and kills itself right after its Nth commit, before anybody is told of it.
import { once } from "node:events";
import { createServer } from "node:http";
import { nodeListener, serverLimits } from "afoot/server";
import { sqliteStore } from "afoot/stores/sqlite";
import type { Store } from "../../src/core/store.ts";
import app from "./app.ts";

const { CRASH_STORE: path = "", CRASH_AFTER = "0" } = process.env;

function crashing(store: Store, after: number): Store {
  let commits = 0;
  const committed = (): void => {
    commits += 1;
    if (commits === after) process.kill(process.pid, "SIGKILL");
  };
  return {
    ...store,
    async apply(changes) {
      const applied = await store.apply(changes);
      if (applied.some(({ outcome }) => outcome === "applied")) committed();
      return applied;
    },
    async claim(requests) {
      const granted = await store.claim(requests);
      if (granted.some((grants) => grants.length > 0)) committed();
      return granted;
    },
  };
}

await app.start({
  store: crashing(sqliteStore({ path }), Number(CRASH_AFTER)),
  isolation: { module: new URL("app.ts", import.meta.url).href },
});
const server = createServer(serverLimits, nodeListener(app.handler)).listen(0, "127.0.0.1");
await once(server, "listening");
const address = server.address();
if (typeof address === "object" && address !== null) console.log(`http://127.0.0.1:${address.port}/`);
process.once("SIGTERM", () => {
  server.close();
  void app.close({ graceMs: 0 }).then(() => {
    server.closeAllConnections();
    console.log("closed");
  });
});
