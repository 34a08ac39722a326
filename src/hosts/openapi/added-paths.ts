import { isJsonObject } from "../../core/json/json.ts";
import { type AnyDocument, equals, type JsonObject } from "./any-document.ts";

type Paths = Readonly<Record<string, JsonObject>>;

/** Returns the paths of an app for the servers of another document, with the security of each operation. */
export function addedPaths(base: AnyDocument, added: AnyDocument): Paths {
  const { paths = {} } = added;
  const prefix = serverPrefix(base);
  const isWithin = prefix !== undefined && Object.keys(paths).every((path) => path.startsWith(`${prefix}/`));
  const servers = isWithin ? {} : { servers: serversOf(base, added) };
  return Object.fromEntries(
    Object.entries(paths).map(([path, item]) => [
      isWithin ? path.slice(prefix.length) : path,
      { ...withSecurity(item, base, added), ...servers },
    ]),
  );
}

/** Returns the path that all servers have; undefined if they differ, or if there are variables in it. */
function serverPrefix({ servers = [] }: AnyDocument): string | undefined {
  const prefixes = new Set(servers.map(({ url }) => pathnameOf(url)));
  const [prefix = ""] = prefixes;
  return prefixes.size > 1 || prefix.includes("{") ? undefined : prefix;
}

function pathnameOf(url: string): string {
  const path = url.startsWith("/") ? url : url.replace(/^[^/]*\/\/[^/]*/, "");
  return path.replace(/\/+$/, "");
}

/** Servers for paths that do not start with the path of the own servers. */
function serversOf(base: AnyDocument, { servers }: AnyDocument): AnyDocument["servers"] {
  if (servers !== undefined) return servers;
  const origins = (base.servers ?? []).map(({ url }) => URL.parse(url)?.origin ?? "/");
  return [...new Set(origins)].map((url) => ({ url }));
}

/** Lets operations state the security of their document, where that of the other document differs. */
function withSecurity(item: JsonObject, base: AnyDocument, { security = [] }: AnyDocument): JsonObject {
  if (equals(security, base.security ?? [])) return item;
  return Object.fromEntries(
    Object.entries(item).map(([method, operation]) => [
      method,
      isJsonObject(operation) && !("security" in operation) ? { ...operation, security } : operation,
    ]),
  );
}
