import { readFileSync } from "node:fs";

/** The version of this package, for the file to say who wrote it. */
export function afootVersion(): string {
  // By its name: the built file lies elsewhere than its source.
  const description: unknown = JSON.parse(readFileSync(new URL(import.meta.resolve("afoot/package.json")), "utf8"));
  const version =
    typeof description === "object" && description !== null && "version" in description
      ? description.version
      : undefined;
  return typeof version === "string" ? version : "unknown";
}
