// Serves the app of CRASH_APP, by default that of the fault tests, and kills itself right after its Nth commit, before any reply.
import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { nodeListener, serverLimits } from "afoot/server";
import { loadApp } from "../../src/cli/load-app.ts";
import { storeOf } from "../../src/cli/start/stores.ts";
import type { Store } from "../../src/core/ports/store.ts";

const { CRASH_STORE: path = "", CRASH_AFTER = "0", CRASH_APP } = process.env;
const module = CRASH_APP ?? new URL("app.ts", import.meta.url).href;
const { app, started } = await loadApp(fileURLToPath(module));

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
  store: crashing(await storeOf(path.startsWith("postgres") ? path : `sqlite:${path}`), Number(CRASH_AFTER)),
  isolation: { module },
});
const server = createServer(serverLimits, nodeListener(app.handler)).listen(0, "127.0.0.1");
await once(server, "listening");
const address = server.address();
const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/`;
await started?.({ url: `${url}api`, role: "all", broker: "local:", signal: new AbortController().signal });
console.log(url);
process.once("SIGTERM", () => {
  server.close();
  void app.close({ graceMs: 0 }).then(() => {
    server.closeAllConnections();
    console.log("closed");
  });
});
