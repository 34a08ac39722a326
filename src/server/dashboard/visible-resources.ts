import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { SearchScope, StoreReporting } from "../../core/ports/reporting.ts";
import { ownerOf } from "../../core/principal.ts";
import type { Resource } from "../../core/resource.ts";
import { authorizeCollection, maySee } from "../access/access.ts";
import type { EndpointRequest, EndpointContext } from "../context.ts";
import { Refusal } from "../http/problems.ts";
import { createRenderer, type Render } from "../representation/representation.ts";
import { listParameter, type Query } from "../request/query.ts";

export interface VisibleType {
  readonly type: ResourceType;
  readonly render: Render;
  /** Status labels named in the declaration. */
  readonly labels: ReadonlySet<string>;
}

/** Resources visible to a principal: for some types those of all owners, for others only its own. */
export interface VisibleScope {
  readonly allOwners: readonly VisibleType[];
  readonly ownOnly: readonly VisibleType[];
  readonly owner: string | undefined;
}

/** Converts a scope to the form that store queries take. */
export function searchScopes({ allOwners, ownOnly, owner }: VisibleScope): readonly SearchScope[] {
  const namesOf = (types: readonly VisibleType[]): readonly string[] => types.map(({ type }) => type.name);
  return [
    ...(allOwners.length === 0 ? [] : [{ types: namesOf(allOwners) }]),
    ...(ownOnly.length === 0 || owner === undefined ? [] : [{ types: namesOf(ownOnly), owner }]),
  ];
}

/** Returns the searches and counts of the store. @throws Refusal `not-offered-by-store` */
export function requireReporting({ store }: Pick<EndpointContext, "store">): StoreReporting {
  if (store.reporting !== undefined) return store.reporting;
  throw new Refusal(
    "not-offered-by-store",
    `The store ${JSON.stringify(store.name)} has no optional part "reporting", so the dashboard offers no list and no overview. ` +
      "Open single resources by their address, or use a store with this part.",
  );
}

export interface VisibleTypes {
  readonly byName: ReadonlyMap<string, VisibleType>;
  readonly byPath: ReadonlyMap<string, VisibleType>;
  /** Returns the types named in the query that the principal may list. @throws Refusal `forbidden` */
  readonly scopeOf: (request: EndpointRequest, query: Query) => Promise<VisibleScope>;
  /** Resolves to true if a GET would show the resource. A refusal counts as not found. */
  readonly isVisible: (request: EndpointRequest, resource: Resource) => Promise<boolean>;
}

export function createVisibleTypes(
  { options, estimates }: EndpointContext,
  types: readonly ResourceType[],
): VisibleTypes {
  const all = types.map((type): VisibleType => ({
    type,
    render: createRenderer(type, { estimates, options }),
    labels: labelsOf(type),
  }));
  const byPath = new Map(all.map((each) => [each.type.path, each]));
  const paths = new Set(byPath.keys());

  /** Resolves to true if resources of all owners are visible, false if only own ones are, undefined if none are. */
  const mayListAllOwners = async (
    { principal, http }: EndpointRequest,
    { type }: VisibleType,
  ): Promise<boolean | undefined> => {
    try {
      return await authorizeCollection(principal, { method: http.method, type: type.name }, options);
    } catch (error) {
      if (error instanceof Refusal) return undefined;
      throw error;
    }
  };

  return {
    byPath,
    byName: new Map(all.map((each) => [each.type.name, each])),
    async scopeOf(request, query) {
      const { principal, http } = request;
      await authorizeCollection(principal, { method: http.method, type: "dashboard" }, options);
      const requested = listParameter(query, "type", paths)?.flatMap((path) => byPath.get(path) ?? []) ?? all;
      const allowed = await Promise.all(requested.map((each) => mayListAllOwners(request, each)));
      return {
        allOwners: requested.filter((_, index) => allowed[index] === true),
        ownOnly: requested.filter((_, index) => allowed[index] === false),
        owner: ownerOf(principal),
      };
    },
    async isVisible({ principal, http: request }, resource) {
      try {
        return await maySee(principal, { method: request.method }, resource, options);
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
