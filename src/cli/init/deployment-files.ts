import type { Project } from "./choices.ts";

/** Returns the Dockerfile of a project. */
export function dockerfile({ store, server }: Project): string {
  const files = server === "fastify" ? "app.ts server.ts" : "app.ts";
  const start = server === "fastify" ? ["node", "server.ts"] : ["node_modules/.bin/afoot", "start", "app.ts"];
  const content = store === "sqlite" ? "The SQLite file, and the keys of clients" : "The keys of clients";
  return `FROM node:24-alpine
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev
COPY ${files} ./
RUN mkdir data && chown node data
# Outside of this machine, each client needs a key.
ENV NODE_ENV=production HOST=0.0.0.0 AFOOT_KEYS=data/keys.json
USER node
# ${content}.
VOLUME /app/data
EXPOSE 8080
HEALTHCHECK CMD wget -q -O /dev/null http://127.0.0.1:8080/readyz
CMD ${JSON.stringify(start)}
`;
}

export const IGNORED_BY_DOCKER = "node_modules\ndata\n.env\n";

const DATABASE = { user: "app", password: "local", name: "app", port: 5432 };

/** The address of the database of `compose.yaml`, for `npm start`. */
export const ENVIRONMENT = `AFOOT_STORE=postgres://${DATABASE.user}:${DATABASE.password}@127.0.0.1:${DATABASE.port}/${DATABASE.name}
`;

/** Returns a Compose file with the database for development. */
export function composeFile(): string {
  const { user, password, name, port } = DATABASE;
  return `# PostgreSQL for development. The address is in .env.
services:
  postgres:
    image: postgres:18-alpine
    environment: { POSTGRES_USER: ${user}, POSTGRES_PASSWORD: ${password}, POSTGRES_DB: ${name} }
    ports: ["127.0.0.1:${port}:5432"]
    volumes: ["postgres:/var/lib/postgresql"]
    healthcheck:
      test: ["CMD", "pg_isready", "--username", "${user}", "--dbname", "${name}"]
      interval: 2s

volumes:
  postgres:
`;
}
