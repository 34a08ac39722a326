import type { Choices } from "./choices.ts";

/** Returns the server of a project with Fastify. */
export function serverFile(store: Choices["store"]): string {
  const { module, name, create } = STORES[store];
  return `import { apiKeys } from "afoot/credentials";
import { afoot, mount } from "afoot/fastify";
import { serverLimits } from "afoot/server";
import { ${name} } from "${module}";
import Fastify from "fastify";
import app from "./app.ts";

const { PORT = "8080", HOST = "127.0.0.1", AFOOT_KEYS: keys } = process.env;
${create}
const fastify = Fastify({ http: serverLimits, logger: true });
// Starts the app when Fastify is ready, and closes it before Fastify closes.
const authentication = keys === undefined ? {} : { authenticate: apiKeys({ file: keys }) };
await fastify.register(afoot, { app, start: { store, ...authentication } });
await fastify.register(mount, app.pages()); // /dashboard, /docs and /openapi.json
await fastify.register(mount, app.health()); // /livez and /readyz
fastify.get("/", async () => ({ cards: \`\${app.options.basePath}/greeting-cards\` }));

await fastify.listen({ port: Number(PORT), host: HOST });
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void fastify.close());
`;
}

const STORES = {
  sqlite: {
    module: "afoot/stores/sqlite",
    name: "sqliteStore",
    create: `const store = sqliteStore({ path: process.env["AFOOT_DATABASE"] ?? "data/afoot.db" });
`,
  },
  postgres: {
    module: "afoot/stores/postgres",
    name: "postgresStore",
    create: `const url = process.env["AFOOT_STORE"];
if (url === undefined) throw new Error("Set AFOOT_STORE to the URL of PostgreSQL, in .env or in the environment.");
const store = postgresStore({ url });
`,
  },
} as const;
