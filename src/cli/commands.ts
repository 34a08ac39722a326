/** A subcommand. Its module is loaded on demand to keep the start of each command fast. */
interface Command {
  readonly name: string;
  readonly parameters: string;
  readonly summary: string;
  /** Resolves to the exit code. */
  readonly run: (argv: readonly string[]) => Promise<number>;
}

export const COMMANDS: readonly Command[] = [
  {
    name: "init",
    parameters: "[folder] [--store sqlite|postgres] [--server afoot|fastify] [--yes]",
    summary: "create a new project that runs and passes its own tests; asks for what the flags leave open",
    run: async (argv) => (await import("./init/init.ts")).init(argv),
  },
  {
    name: "start",
    parameters:
      "[app.ts] [--role all|server|worker] [--port N] [--host H] [--open] [--mcp] [--store URL] [--broker URL] [--inlet URL] [--public-url URL] [--keys FILE] [--grace SECONDS]",
    summary: "serve an app and run its work",
    run: async (argv) => (await import("./start/start.ts")).start(argv),
  },
  {
    name: "keys",
    parameters:
      "add PRINCIPAL | list | remove ID... [--keys FILE] [--owner OWNER] [--operator] [--label TEXT] [--expires 90d]",
    summary: "create, list and revoke API keys for afoot start --keys",
    run: async (argv) => (await import("./keys/keys.ts")).keys(argv),
  },
  {
    name: "follow",
    parameters: '<URL> [--json] [--timeout SECONDS] [--preset azure|google] [--header "Name: value"]',
    summary: "follow a resource until it settles",
    run: async (argv) => (await import("./follow/follow.ts")).follow(argv),
  },
  {
    name: "openapi",
    parameters: "[app.ts] [--server URL] [--overlay speakeasy|autorest]",
    summary: "print the OpenAPI document of an app, or an overlay with the extensions of a generator",
    run: async (argv) => (await import("./openapi/openapi.ts")).openapi(argv),
  },
  {
    name: "mock",
    parameters: "openapi.yaml [--port N] [--host H] [--pace 500ms|0.1]",
    summary: "serve a mock of the API that an OpenAPI document describes, from its examples",
    run: async (argv) => (await import("./mock/mock.ts")).mock(argv),
  },
  {
    name: "copy",
    parameters: "--from sqlite:PATH --to postgres://...",
    summary: "move a whole store, including resources in progress",
    run: async (argv) => (await import("./copy/copy.ts")).copy(argv),
  },
  {
    name: "check",
    parameters: `URL [--create JSON] [--header "Name: value"]... [--timeout SECONDS] [--keep] [--json]`,
    summary: "check any API against the protocol, rule by rule",
    run: async (argv) => (await import("./check/check.ts")).check(argv),
  },
];

export function usage(commands: readonly Command[] = COMMANDS): string {
  const lines = commands.map(({ name, parameters, summary }) => `  afoot ${name} ${parameters}\n      ${summary}\n`);
  return `Usage:\n${lines.join("")}`;
}
