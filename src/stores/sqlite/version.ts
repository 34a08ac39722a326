import { readFileSync } from "node:fs";

/** The version of this package, for the file to say who wrote it. */
export function afootVersion(): string {
  // As deep in `src` as in `dist`.
  const description: unknown = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
  const version =
    typeof description === "object" && description !== null && "version" in description
      ? description.version
      : undefined;
  return typeof version === "string" ? version : "unknown";
}
