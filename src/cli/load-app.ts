import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { FastifyPluginAsync } from "fastify";
import type { App } from "../app/create-app.ts";
import type { Started } from "../app/started.ts";
import { DefinitionError } from "../core/errors.ts";
import { isJsonObject } from "../core/json/json.ts";

const DEFAULT_FILES = ["app.ts", "app.js", "app.mjs"];

export interface LoadedApp {
  readonly app: App;
  /** The file's URL, from which processes of isolated work load the same app. */
  readonly module: string;
  /** What the file wants done once the app runs. */
  readonly started: Started | undefined;
  /** What the file serves beside the API: a plugin of Fastify. */
  readonly pages: FastifyPluginAsync | undefined;
}

/** Imports an app file and takes its default export, and `started` and `pages` beside it. */
export async function loadApp(file: string | undefined): Promise<LoadedApp> {
  const path = file ?? DEFAULT_FILES.find((each) => existsSync(each));
  if (path === undefined) {
    throw new DefinitionError(
      `no app file given, and none of ${DEFAULT_FILES.join(", ")} is here; name it: afoot start path/to/app.ts`,
    );
  }
  if (!existsSync(path)) throw new DefinitionError(`${path}: there is no such file`);
  const module = pathToFileURL(resolve(path)).href;
  const loaded: unknown = await import(module);
  const { default: app, started, pages } = isJsonObject(loaded) ? loaded : {};
  if (!isStarted(started)) throw new DefinitionError(`${path}: its export \`started\` is not a function`);
  if (!isPages(pages)) throw new DefinitionError(`${path}: its export \`pages\` is not a function`);
  if (isApp(app)) return { app, module, started, pages };
  throw new DefinitionError(
    `${path}: its default export is not an app; end the file with: export default createApp({ resources: [...] })`,
  );
}

function isApp(value: unknown): value is App {
  return (
    isJsonObject(value) &&
    Array.isArray(value["types"]) &&
    typeof value["start"] === "function" &&
    typeof value["close"] === "function"
  );
}

// What they take and give was checked by the compiler, where their types were named.

function isStarted(value: unknown): value is Started | undefined {
  return value === undefined || typeof value === "function";
}

function isPages(value: unknown): value is FastifyPluginAsync | undefined {
  return value === undefined || typeof value === "function";
}
