// The houses and rooms of src/. scripts/check-rooms.mjs enforces them; docs/architecture.md draws them.

/**
 * A house is a folder of src/ with import rules of its own.
 *
 * @typedef {object} House
 * @property {readonly string[]} imports The other houses that its files may import.
 * @property {RegExp} [packages] The packages and `node:` modules that its files may import. {@link ANY_PACKAGE}, where it is left out.
 * @property {readonly (readonly string[])[]} [floors] Rooms by floor, lowest first: a folder with all below it, `.` for the files of the
 *   house itself, or a single file. A file imports from its own room and from lower floors. One room, where it is left out.
 */

/** Sources import each other by path, not by the name of the package. */
export const ANY_PACKAGE = /^(?!afoot(?:\/|$))/;

const NO_PACKAGE = /^$/;

/** @type {Readonly<Record<string, House>>} */
export const HOUSES = {
  core: {
    imports: [],
    packages: /^@standard-schema\/spec$/,
    floors: [["json", "scheduling"], ["."], ["children", "webhooks"], ["state-machine", "definition", "ports"]],
  },
  // Names of the packages that are bundled, so that users do not install them. They are imported as `#packages/NAME`.
  packages: { imports: [] },
  telemetry: { imports: ["core"] },
  server: {
    imports: ["core", "telemetry"],
    floors: [
      ["storage", "http", "timing", "children"],
      ["access", "overload", "long-poll", "representation", "telemetry", "transactions", "turns"],
      ["workers", "webhooks"],
      ["external"],
      ["credentials", "openapi-options.ts"],
      ["options.ts"],
      ["openapi", "observing"],
      ["context.ts", "pages"],
      ["request"],
      ["writing", "filters", "dashboard", "inlets"],
      ["endpoints"],
      ["routing"],
      ["."],
    ],
  },
  worker: {
    imports: ["core", "telemetry"],
    floors: [["attempt"], ["work"], ["children"], ["execution"], ["isolation"], ["."]],
  },
  stores: { imports: ["core"], packages: NO_PACKAGE },
  "stores/sqlite": {
    imports: ["core", "stores"],
    packages: /^node:/,
    floors: [["file"], ["tables"], ["reader"], ["writer"], ["."]],
  },
  "stores/postgres": {
    imports: ["core", "stores"],
    packages: /^(?:pg|node:.*)$/,
    floors: [
      ["connection"],
      ["schema", "sharing", "tables"],
      ["turns"],
      ["read", "write"],
      ["transactions"],
      ["."],
      ["copy"],
    ],
  },
  "brokers/local": { imports: ["core"], packages: NO_PACKAGE },
  "brokers/nats": {
    imports: ["core"],
    packages: /^(?:@nats-io\/.*|node:.*)$/,
    floors: [["connection", "wire"], ["."]],
  },
  "inlets/amqp": { imports: ["core"], packages: /^(?:amqplib|node:.*)$/ },
  client: {
    imports: ["core"],
    packages: /^react$/,
    floors: [["clock.ts", "following/state.ts"], ["errors.ts"], ["http"], ["types.ts"], ["following"], ["."]],
  },
  app: { imports: ["core", "telemetry", "server", "worker", "client", "brokers/local"] },
  hosts: { imports: ["core", "server", "app"] },
  mcp: {
    imports: ["core", "server"],
    packages: /^@modelcontextprotocol\/server$/,
    floors: [
      ["form.ts", "api.ts", "tasks/extension.ts"],
      ["call.ts", "results.ts"],
      ["tasks/task-id.ts"],
      ["tasks/operation.ts"],
      ["tasks/task.ts"],
      ["tools"],
      ["tasks/methods.ts", "resources.ts"],
      ["."],
    ],
  },
  testing: { imports: ["core", "server", "worker"] },
  conformance: { imports: ["core"], floors: [["broker", "store"], ["."]] },
  cli: {
    imports: [
      "core",
      "telemetry",
      "server",
      "worker",
      "client",
      "app",
      "mcp",
      "stores",
      "stores/sqlite",
      "stores/postgres",
      "brokers/local",
      "brokers/nats",
      "inlets/amqp",
      ".",
    ],
    floors: [
      ["printable.ts", "untrusted-server.ts"],
      ["follow", "init", "load-app.ts", "log.ts", "optional-package.ts"],
      ["check", "keys", "openapi"],
      ["start"],
      ["copy", "mock"],
      ["."],
    ],
  },
  dashboard: {
    // The page is an application in a browser: it imports the package as users do, and the types of what the server sends to it.
    imports: ["core/json/schema.ts", "server/dashboard/shapes.ts"],
    packages: /^(?!node:)/,
    floors: [["api"], ["components"], ["form", "list", "plots"], ["resource"], ["pages"], ["."]],
  },
  ".": { imports: ["core", "app", "client"] },
};

/** Folders that may hold more than {@link MAX_FILES} files, with the reason. */
export const FAMILIES = {};

/** Maximum number of source files beside each other in a folder; tests do not count. */
export const MAX_FILES = 15;

/** Maximum number of lines of a source file. */
export const MAX_LINES = 300;

/** Maximum median of the lines of source files. */
export const MAX_MEDIAN_LINES = 90;
