import type { Reference } from "./open-api.ts";
import type { Scope } from "./scope.ts";
import { capital } from "./words.ts";

/** Returns links from the response to a write to the requests that usually follow it, by name. */
export function resourceLinks({
  type,
  words,
  components,
  operationId,
}: Scope): Readonly<Record<"get" | "cancel" | "history", Reference>> {
  const link = (id: string, description: string): Reference =>
    components.link(capital(id), () => ({ operationId: id, description, parameters: { id: "$response.body#/id" } }));
  return {
    get: link(
      operationId(`get${type.schemaName}`),
      `Status and details of the ${words.name}. Repeat the request until its response has no \`Retry-After\`.`,
    ),
    cancel: link(
      operationId(`cancel${type.schemaName}`, "cancel"),
      `Cancellation of the operation in progress of the ${words.name}.`,
    ),
    history: link(operationId(`get${type.schemaName}History`), `History of the ${words.name}.`),
  };
}
