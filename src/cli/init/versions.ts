import { readFile } from "node:fs/promises";
import { AfootError } from "../../core/errors.ts";
import { isJsonObject } from "../../core/json/json.ts";
import type { Versions } from "./project.ts";

/** The versions that this very package is of, and is built and tested with. */
export async function ownVersions(): Promise<Versions> {
  const manifest: unknown = JSON.parse(await readFile(new URL(import.meta.resolve("afoot/package.json")), "utf8"));
  const at = (...keys: readonly string[]): string => {
    const value = keys.reduce<unknown>((found, key) => (isJsonObject(found) ? found[key] : undefined), manifest);
    if (typeof value === "string") return value;
    throw new AfootError(
      "broken-package",
      `the package's own package.json has no ${keys.join(".")}; install afoot again`,
    );
  };
  return {
    afoot: `^${at("version")}`,
    zod: at("devDependencies", "zod"),
    typescript: at("devDependencies", "typescript"),
    nodeTypes: at("devDependencies", "@types/node"),
    node: at("engines", "node"),
  };
}
