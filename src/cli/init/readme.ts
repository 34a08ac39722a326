import type { Project } from "./choices.ts";

/** Returns the README of a project. */
export function readme({ name, store, server }: Project): string {
  const database =
    store === "postgres" ? "docker compose up --detach --wait     # PostgreSQL, at the address in .env\n" : "";
  const data = store === "sqlite" ? ", data in ./data" : "";
  const stored =
    store === "sqlite" ? `--volume ${name}:/app/data` : `--env AFOOT_STORE=postgres://... --volume ${name}:/app/data`;
  const serverFile = server === "fastify" ? ", and the server in `server.ts`" : "";
  return `# ${name}

An HTTP API whose resources take time, made with [Afoot](https://www.npmjs.com/package/afoot).

\`\`\`
npm install
npm test
${database}npm start     # serves http://127.0.0.1:8080/api/greeting-cards, its reference under /docs${data}
\`\`\`

\`\`\`
$ curl -i http://127.0.0.1:8080/api/greeting-cards -H "Content-Type: application/json" -d '{"configuration":{"to":"Ada"}}'
$ npx afoot follow http://127.0.0.1:8080/api/greeting-cards/{id}
\`\`\`

The resource and its work are in \`app.ts\`${serverFile}: change them, and save the OpenAPI document with
\`npm run --silent openapi > openapi.json\`.

In a container, with a key for each client:

\`\`\`
docker build --tag ${name} .
docker run --rm ${stored} ${name} node_modules/.bin/afoot keys add ann
docker run --publish 8080:8080 ${stored} --stop-timeout 20 ${name}
\`\`\`
`;
}
