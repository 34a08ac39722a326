import { APP, TEST } from "./app-files.ts";
import type { Choices, Project } from "./choices.ts";
import { composeFile, dockerfile, ENVIRONMENT, IGNORED_BY_DOCKER } from "./deployment-files.ts";
import { readme } from "./readme.ts";
import { serverFile } from "./server-file.ts";
import type { Versions } from "./versions.ts";

/** Returns the files of a new project by path, in reading order. */
export function projectFiles(project: Project, versions: Versions): ReadonlyMap<string, string> {
  const { store, server } = project;
  return new Map([
    ["package.json", json(manifest(project, versions))],
    ["app.ts", APP],
    ["app.test.ts", TEST],
    ...(server === "fastify" ? [["server.ts", serverFile(store)] as const] : []),
    ["tsconfig.json", json(TSCONFIG)],
    ["Dockerfile", dockerfile(project)],
    [".dockerignore", IGNORED_BY_DOCKER],
    ...(store === "postgres"
      ? ([
          [".env", ENVIRONMENT],
          ["compose.yaml", composeFile()],
        ] as const)
      : []),
    ["README.md", readme(project)],
    [".gitignore", "node_modules/\ndata/\n.env\n"],
  ]);
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function manifest({ name, store, server }: Project, versions: Versions): object {
  const { afoot, zod, fastify, pg, typescript } = versions;
  return {
    name,
    version: "0.1.0",
    private: true,
    type: "module",
    scripts: {
      start: startCommand(store, server),
      test: "tsc && node --test",
      openapi: "afoot openapi app.ts",
    },
    engines: { node: versions.node },
    dependencies: {
      afoot,
      ...(server === "fastify" ? { fastify } : {}),
      ...(store === "postgres" ? { pg } : {}),
      zod,
    },
    devDependencies: { "@types/node": versions["@types/node"], typescript },
  };
}

/** The command of `npm start`. The address of a database is in `.env`, which Node reads. */
function startCommand(store: Choices["store"], server: Choices["server"]): string {
  const node = store === "postgres" ? "node --env-file-if-exists=.env" : "node";
  if (server === "fastify") return `${node} server.ts`;
  return store === "postgres" ? `${node} node_modules/afoot/dist/main.js start app.ts` : "afoot start app.ts";
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
