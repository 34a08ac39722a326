import type { JsonSchema } from "../../../core/json/schema.ts";
import type { ComponentsObject, Header, Parameter, Reference, Response } from "../open-api.ts";
import { createUniqueNames } from "../unique-names.ts";

/** Collects what a document refers to: only what is referred to gets into it. */
export interface Components {
  /** Refers to a schema, which is made at the first reference. `owner` tells equal names apart. */
  readonly schema: (owner: string, name: string, make: () => JsonSchema) => Reference;
  readonly response: (name: string, make: () => Response) => Reference;
  readonly parameter: (name: string, make: () => Parameter) => Reference;
  readonly header: (name: string, make: () => Header) => Reference;
  readonly collected: () => ComponentsObject;
}

/** @param reserved schemas that get their names, whoever refers to one of that name first */
export function createComponents(reserved: readonly { readonly owner: string; readonly name: string }[]): Components {
  const schemas = shelf<JsonSchema>("schemas");
  for (const { owner, name } of reserved) schemas.reserve(owner, name);
  const responses = shelf<Response>("responses");
  const parameters = shelf<Parameter>("parameters");
  const headers = shelf<Header>("headers");
  return {
    schema: schemas.refer,
    response: (name, make) => responses.refer("", name, make),
    parameter: (name, make) => parameters.refer("", name, make),
    header: (name, make) => headers.refer("", name, make),
    collected: () => ({
      schemas: schemas.all(),
      responses: responses.all(),
      parameters: parameters.all(),
      headers: headers.all(),
    }),
  };
}

interface Shelf<Item> {
  readonly reserve: (owner: string, name: string) => void;
  readonly refer: (owner: string, name: string, make: () => Item) => Reference;
  readonly all: () => Readonly<Record<string, Item>>;
}

function shelf<Item>(kind: string): Shelf<Item> {
  const uniqueName = createUniqueNames();
  const items = new Map<string, Item | undefined>();
  return {
    reserve: uniqueName,
    refer(owner, name, make) {
      const unique = uniqueName(owner, name);
      if (!items.has(unique)) {
        // Known before it is made, so that a schema may refer to itself.
        items.set(unique, undefined);
        items.set(unique, make());
      }
      return { $ref: `#/components/${kind}/${unique}` };
    },
    all: () => Object.fromEntries([...items].flatMap(([name, item]) => (item === undefined ? [] : [[name, item]]))),
  };
}
