import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { SearchScope } from "../../core/ports/store.ts";
import type { Resource } from "../../core/resource.ts";
import { checkCollection, maySee, ownerOf } from "../access/access.ts";
import type { EndpointRequest, EndpointContext } from "../context.ts";
import { Refusal } from "../http/problems.ts";
import { createRepresentation, type Represent } from "../representation/representation.ts";
import { decodeParameter, listParameter, type Query } from "../request/query.ts";

export interface ShownType {
  readonly type: ResourceType;
  readonly represent: Represent;
  /** The labels that its declaration names. */
  readonly labels: ReadonlySet<string>;
}

/** What a principal is shown of all resources: of some types everybody's, of others its own. */
export interface Scope {
  readonly everybodys: readonly ShownType[];
  readonly own: readonly ShownType[];
  readonly owner: string | undefined;
}

/** Both parts of a scope, as a store is asked for them. */
export function scopesOf({ everybodys, own, owner }: Scope): readonly SearchScope[] {
  const namesOf = (types: readonly ShownType[]): readonly string[] => types.map(({ type }) => type.name);
  return [
    ...(everybodys.length === 0 ? [] : [{ types: namesOf(everybodys) }]),
    ...(own.length === 0 || owner === undefined ? [] : [{ types: namesOf(own), owner }]),
  ];
}

export interface ShownTypes {
  readonly byName: ReadonlyMap<string, ShownType>;
  readonly byPath: ReadonlyMap<string, ShownType>;
  /** What the sender of a call may see: of the types it names, those that are not refused. @throws Refusal `forbidden` */
  readonly scopeOf: (call: EndpointRequest, query: Query) => Promise<Scope>;
  /** Whether a resource is shown: as by a GET of it, and a refusal looks as if it were not there. */
  readonly isShown: (call: EndpointRequest, resource: Resource) => Promise<boolean>;
}

export function createShown({ options, estimates }: EndpointContext, types: readonly ResourceType[]): ShownTypes {
  const all = types.map((type): ShownType => ({
    type,
    represent: createRepresentation(type, estimates),
    labels: labelsOf(type),
  }));
  const byPath = new Map(all.map((each) => [each.type.path, each]));

  /** Whether everybody's resources of a type are shown; undefined where none are. */
  const isEverybodys = async (
    { principal, request }: EndpointRequest,
    { type }: ShownType,
  ): Promise<boolean | undefined> => {
    try {
      return await checkCollection(principal, { method: request.method, type: type.name }, options);
    } catch (error) {
      if (error instanceof Refusal) return undefined;
      throw error;
    }
  };

  return {
    byPath,
    byName: new Map(all.map((each) => [each.type.name, each])),
    async scopeOf(call, query) {
      const { principal, request } = call;
      await checkCollection(principal, { method: request.method, type: "dashboard" }, options);
      const asked = listParameter(query, "type", new Set())?.flatMap((path) => byPath.get(path) ?? []) ?? all;
      const allowed = await Promise.all(asked.map((each) => isEverybodys(call, each)));
      return {
        everybodys: asked.filter((_, index) => allowed[index] === true),
        own: asked.filter((_, index) => allowed[index] === false),
        owner: ownerOf(principal),
      };
    },
    async isShown({ principal, request }, resource) {
      try {
        return await maySee(principal, request.method, resource, options);
      } catch (error) {
        if (error instanceof Refusal) return false;
        throw error;
      }
    },
  };
}

function labelsOf({ policy }: ResourceType): ReadonlySet<string> {
  const { ready, failed, cancelled, kinds } = policy;
  return new Set([...ready, failed, cancelled, ...Object.values(kinds).map(({ status }) => status)]);
}

/** The text of a parameter; undefined where it is left out or empty. */
export function textParameter(query: Query, name: string): string | undefined {
  const text = decodeParameter(query.get(name) ?? "").trim();
  return text === "" ? undefined : text;
}
