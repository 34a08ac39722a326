import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { App } from "../app/create-app.ts";
import type { Started } from "../app/started.ts";
import { DefinitionError } from "../core/errors.ts";
import { isJsonObject } from "../core/json.ts";

const DEFAULT_FILES = ["app.ts", "app.js", "app.mjs"];

export interface LoadedApp {
  readonly app: App;
  /** The file's URL, from which processes of isolated work load the same app. */
  readonly module: string;
  /** What the file wants done once the app runs. */
  readonly started: Started | undefined;
}

/** Imports an app file and takes its default export, and `started` beside it. */
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
  const { default: app, started } = isJsonObject(loaded) ? loaded : {};
  if (!isStarted(started)) throw new DefinitionError(`${path}: its export \`started\` is not a function`);
  if (isApp(app)) return { app, module, started };
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

/** Its types were checked where it stands, if it says that it is a `Started`. */
function isStarted(value: unknown): value is Started | undefined {
  return value === undefined || typeof value === "function";
}
