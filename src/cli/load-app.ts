import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { FastifyPluginAsync } from "fastify";
import type { App } from "../app/create-app.ts";
import type { Started } from "../app/started.ts";
import { DefinitionError } from "../core/errors.ts";
import { isJsonObject } from "../core/json/json.ts";

const DEFAULT_APP_FILES = ["app.ts", "app.js", "app.mjs"];

export interface LoadedApp {
  readonly app: App;
  /** URL of the file, from which isolated worker processes load the same app. */
  readonly module: string;
  /** Function to call once the app runs. */
  readonly started: Started | undefined;
  /** Fastify plugin that serves the app's own pages beside the API. */
  readonly pages: FastifyPluginAsync | undefined;
}

/** Imports an app file and returns its default export with the optional exports `started` and `pages`. */
export async function loadApp(file: string | undefined): Promise<LoadedApp> {
  const path = file ?? DEFAULT_APP_FILES.find((each) => existsSync(each));
  if (path === undefined) {
    throw new DefinitionError(
      `no app file given, and none of ${DEFAULT_APP_FILES.join(", ")} exists here; pass its path: afoot start path/to/app.ts`,
    );
  }
  if (!existsSync(path)) throw new DefinitionError(`${path}: file not found`);
  const module = pathToFileURL(resolve(path)).href;
  const exports: unknown = await import(module);
  const { default: app, started, pages } = isJsonObject(exports) ? exports : {};
  if (!isStarted(started)) throw new DefinitionError(`${path}: its export \`started\` must be a function`);
  if (!isPages(pages)) throw new DefinitionError(`${path}: its export \`pages\` must be a function`);
  if (isApp(app)) return { app, module, started, pages };
  throw new DefinitionError(
    `${path}: its default export must be an app; end the file with: export default createApp({ resources: [...] })`,
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

// Only the kind is checked: the compiler checks parameters and results in the app file.

function isStarted(value: unknown): value is Started | undefined {
  return value === undefined || typeof value === "function";
}

function isPages(value: unknown): value is FastifyPluginAsync | undefined {
  return value === undefined || typeof value === "function";
}
