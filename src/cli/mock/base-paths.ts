import { isJsonObject } from "../../core/json/json.ts";
import { listOf } from "../../server/openapi/map-schema.ts";
import type { MockDocument } from "./load-document.ts";

/** The paths of a document's servers, variables at their defaults; empty for the root. */
export function basePathsOf({ servers }: MockDocument): readonly string[] {
  const paths = listOf(servers).flatMap((server) => {
    if (!isJsonObject(server) || typeof server["url"] !== "string") return [];
    const url = server["url"].replaceAll(/\{([^{}]+)\}/g, (_, name: string) => defaultOf(server["variables"], name));
    return [(URL.parse(url, "http://localhost")?.pathname ?? "/").replace(/\/+$/, "")];
  });
  return [...new Set(paths)];
}

function defaultOf(variables: unknown, name: string): string {
  const variable = isJsonObject(variables) && Object.hasOwn(variables, name) ? variables[name] : undefined;
  return isJsonObject(variable) && typeof variable["default"] === "string" ? variable["default"] : "";
}
