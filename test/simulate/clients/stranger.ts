import type { ClientRequest } from "./http.ts";
import { type ClientParts, credentialsOf } from "./parts.ts";
import type { Used } from "./rivals.ts";

/** Another owner tries to see and to change a resource. It does not exist for that owner. */
export async function tryAsStranger(parts: ClientParts, { type, id, path }: Used): Promise<void> {
  const { chance, http, violations } = parts;
  const headers = credentialsOf({ name: "stranger", owner: "strangers" });
  const patch = { ...headers, "content-type": "application/merge-patch+json" };
  const collection = path.slice(0, path.lastIndexOf("/"));
  const request = chance.pick<ClientRequest>([
    { method: "GET", path, headers },
    { method: "GET", path: `${path}/history`, headers },
    { method: "GET", path, headers: { ...headers, prefer: "wait=1" } },
    { method: "POST", path: `${path}/cancel`, headers },
    { method: "POST", path: `${path}/retry`, headers },
    { method: "PATCH", path, headers: patch, body: { configuration: { size: 99 } } },
    { method: "DELETE", path, headers },
    { method: "GET", path: collection, headers },
  ]);
  const response = await http.send(request);
  if (response === undefined || response.status >= 500) return;
  const isHidden = request.path === collection ? !response.text.includes(id) : response.status >= 404;
  violations.check(
    isHidden && !response.text.includes("done"),
    "an owner never sees or changes what belongs to another",
    () => `${request.method} ${request.path} of ${type}: ${response.status} ${response.text.slice(0, 200)}`,
  );
}
