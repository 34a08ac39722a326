import type { JsonSchema } from "../../../core/json/schema.ts";
import schemas from "../../../core/ports/messages.schema.json" with { type: "json" };
import type { Reference } from "../open-api.ts";
import type { Components } from "./components.ts";
import { mapSchema } from "./map-schema.ts";

export type MessageSchemaName = keyof (typeof schemas)["$defs"];

const DEFINITIONS: Readonly<Record<string, JsonSchema>> = schemas.$defs;
const PREFIX = "#/$defs/";

/** Returns a reference to a schema of the messages shipped with the package, which the server also validates with. */
export function messageSchema(components: Components, name: MessageSchemaName): Reference {
  return defined(components, name);
}

function defined(components: Components, name: string): Reference {
  return components.schema("messages", componentName(name), () =>
    mapSchema(DEFINITIONS[name] ?? {}, ({ discriminator: _byConst, $ref, ...schema }) =>
      typeof $ref === "string" && $ref.startsWith(PREFIX)
        ? { ...schema, ...defined(components, $ref.slice(PREFIX.length)) }
        : schema,
    ),
  );
}

function componentName(name: string): string {
  return name === "status" ? "StatusMessage" : `Message${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
