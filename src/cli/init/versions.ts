import { readFile } from "node:fs/promises";
import { AfootError } from "../../core/errors.ts";
import { isJsonObject } from "../../core/json/json.ts";

/** Versions of the packages of a new project, and the supported Node versions, such as `>=24`. */
export type Versions = Readonly<
  Record<"afoot" | "zod" | "typescript" | "@types/node" | "fastify" | "pg" | "node", string>
>;

/** Returns the version of this package, and the versions that it is built and tested with. */
export async function ownVersions(): Promise<Versions> {
  const manifest: unknown = JSON.parse(await readFile(new URL(import.meta.resolve("afoot/package.json")), "utf8"));
  const versionAt = (...keys: readonly string[]): string => {
    const value = keys.reduce<unknown>((found, key) => (isJsonObject(found) ? found[key] : undefined), manifest);
    if (typeof value === "string") return value;
    throw new AfootError("broken-package", `the package.json of afoot has no ${keys.join(".")}; reinstall afoot`);
  };
  return {
    afoot: `^${versionAt("version")}`,
    zod: versionAt("devDependencies", "zod"),
    typescript: versionAt("devDependencies", "typescript"),
    "@types/node": versionAt("devDependencies", "@types/node"),
    fastify: versionAt("devDependencies", "fastify"),
    pg: versionAt("peerDependencies", "pg"),
    node: versionAt("engines", "node"),
  };
}
