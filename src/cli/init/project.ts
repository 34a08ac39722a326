/** Dependency versions of a new project. */
export interface Versions {
  readonly afoot: string;
  readonly zod: string;
  readonly typescript: string;
  readonly nodeTypes: string;
  /** Supported Node versions, such as `>=24`. */
  readonly node: string;
}

/** Returns the files of a new project by path, in reading order. */
export function projectFiles(name: string, versions: Versions): ReadonlyMap<string, string> {
  return new Map([
    ["package.json", `${JSON.stringify(manifest(name, versions), undefined, 2)}\n`],
    ["app.ts", APP],
    ["app.test.ts", TEST],
    ["tsconfig.json", `${JSON.stringify(TSCONFIG, undefined, 2)}\n`],
    ["README.md", readme(name)],
    [".gitignore", "node_modules/\ndata/\n"],
  ]);
}

function manifest(name: string, { afoot, zod, typescript, nodeTypes, node }: Versions): object {
  return {
    name,
    version: "0.1.0",
    private: true,
    type: "module",
    scripts: {
      start: "afoot start app.ts",
      test: "tsc && node --test",
      openapi: "afoot openapi app.ts",
    },
    engines: { node },
    dependencies: { afoot, zod },
    devDependencies: { "@types/node": nodeTypes, typescript },
  };
}

const TSCONFIG = {
  compilerOptions: {
    target: "es2024",
    module: "nodenext",
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    erasableSyntaxOnly: true,
    verbatimModuleSyntax: true,
    allowImportingTsExtensions: true,
    noEmit: true,
  },
  include: ["*.ts"],
};

const APP = `import { createApp, defineResource } from "afoot";
import { z } from "zod";

/** A card that takes a moment to write. Served at /api/greeting-cards. */
export const greetingCard = defineResource({
  name: "greeting-card",
  // The input of a client ...
  configuration: z.object({ to: z.string().min(1).max(100).meta({ examples: ["Ada"] }) }),
  // ... and the output of the work: fields of the resource, beside its status.
  details: z.object({ text: z.string() }),
  statuses: { ready: "Written" },
  create: {
    status: "Writing",
    async work({ configuration: { to }, step, sleep, report }) {
      // A completed step is recorded: after a crash the work resumes behind it.
      const greeting = await step("greet", () => \`Dear \${to},\`);
      report({ progress: 0.5 });
      // Occupies no worker, and continues after a restart.
      await sleep("let the ink dry", 1000);
      const wish = await step("wish", () => "all the best.");
      return { text: \`\${greeting} \${wish}\` };
    },
  },
});

export default createApp({ resources: [greetingCard] });
`;

const TEST = `import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { sqliteStore } from "afoot/stores/sqlite";
import app from "./app.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "greeting-cards-"));
  await app.start({ store: sqliteStore({ path: join(folder, "afoot.db") }) });
});
after(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

test("a card is written", async () => {
  const card = await app.greetingCards.create({ to: "Ada" });
  assert.equal(card.state.status, "Writing");
  const { status, text } = await card.settled();
  assert.equal(status, "Written");
  assert.equal(text, "Dear Ada, all the best.");
});

test("a card without a recipient is rejected", async () => {
  const request = new Request("http://localhost/api/greeting-cards", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ configuration: { to: "" } }),
  });
  const response = await app.fetch(request);
  assert.equal(response.status, 422);
  assert.match(await response.text(), /"pointer":"\\/configuration\\/to"/);
});
`;

function readme(name: string): string {
  return `# ${name}

An HTTP API whose resources take time, made with [Afoot](https://www.npmjs.com/package/afoot).

\`\`\`
npm install
npm test
npm start     # serves http://127.0.0.1:8080/api/greeting-cards, its reference under /docs, data in ./data
\`\`\`

\`\`\`
$ curl -i http://127.0.0.1:8080/api/greeting-cards -H "Content-Type: application/json" -d '{"configuration":{"to":"Ada"}}'
$ npx afoot follow http://127.0.0.1:8080/api/greeting-cards/{id}
\`\`\`

The resource and its work are in \`app.ts\`: change them, and save the OpenAPI document with \`npm run --silent openapi > openapi.json\`.
`;
}
