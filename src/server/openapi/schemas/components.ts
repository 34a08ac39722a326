import type { JsonSchema } from "../../../core/json/schema.ts";
import type { ComponentsObject, Header, Link, Parameter, Reference, Response } from "../open-api.ts";
import { createUniqueNames } from "../unique-names.ts";

/** Collects the components that a document refers to. */
export interface Components {
  /** Returns a reference to a schema, which is created at the first reference. `owner` distinguishes equal names. */
  readonly schema: (owner: string, name: string, make: () => JsonSchema) => Reference;
  readonly response: (name: string, make: () => Response) => Reference;
  readonly parameter: (name: string, make: () => Parameter) => Reference;
  readonly header: (name: string, make: () => Header) => Reference;
  readonly link: (name: string, make: () => Link) => Reference;
  readonly collected: () => ComponentsObject;
}

/** @param reserved schemas that keep their names unchanged, regardless of the order of references */
export function createComponents(reserved: readonly { readonly owner: string; readonly name: string }[]): Components {
  const schemas = createComponentKind<JsonSchema>("schemas");
  for (const { owner, name } of reserved) schemas.reserve(owner, name);
  const responses = createComponentKind<Response>("responses");
  const parameters = createComponentKind<Parameter>("parameters");
  const headers = createComponentKind<Header>("headers");
  const links = createComponentKind<Link>("links");
  return {
    schema: schemas.refer,
    response: (name, make) => responses.refer("", name, make),
    parameter: (name, make) => parameters.refer("", name, make),
    header: (name, make) => headers.refer("", name, make),
    link: (name, make) => links.refer("", name, make),
    collected: () => ({
      schemas: schemas.all(),
      responses: responses.all(),
      parameters: parameters.all(),
      headers: headers.all(),
      links: links.all(),
    }),
  };
}

interface ComponentKind<Item> {
  readonly reserve: (owner: string, name: string) => void;
  readonly refer: (owner: string, name: string, make: () => Item) => Reference;
  readonly all: () => Readonly<Record<string, Item>>;
}

function createComponentKind<Item>(kind: string): ComponentKind<Item> {
  const uniqueName = createUniqueNames();
  const items = new Map<string, Item | undefined>();
  return {
    reserve: uniqueName,
    refer(owner, name, make) {
      const unique = uniqueName(owner, name);
      if (!items.has(unique)) {
        // Registered before it is created, so that a schema may refer to itself.
        items.set(unique, undefined);
        items.set(unique, make());
      }
      return { $ref: `#/components/${kind}/${unique}` };
    },
    all: () => Object.fromEntries([...items].flatMap(([name, item]) => (item === undefined ? [] : [[name, item]]))),
  };
}
