import { type Metadata, metadataOf } from "../json/metadata.ts";
import type { Resource } from "../resource.ts";

/** Filters beyond those of a list. All given ones must match. */
export interface ResourceFilter {
  /** Only these status labels. */
  readonly statuses?: readonly string[] | undefined;
  /** Only resources with all of these pairs. */
  readonly metadata?: Metadata | undefined;
  /** Only resources that changed after this instant. */
  readonly updatedAfter?: number | undefined;
}

/** A page of the resources of one type that have some metadata, or have changed after an instant. */
export interface FindQuery extends ResourceFilter {
  readonly type: string;
  /** Only resources that belong to this owner. */
  readonly owner?: string;
  readonly after?: FindPosition;
  /** Maximum number of resources. A page also ends once their texts have more than 4 Mi characters. */
  readonly limit: number;
}

/**
 * The end of a page: the creation of its last resource, and with `updatedAfter` its change. Pages are sorted from the
 * newest creation to the oldest, and with `updatedAfter` from the oldest change to the newest.
 */
export interface FindPosition {
  readonly at: number;
  readonly id: string;
}

/** A page of the resources that a search found. */
export interface FoundPage {
  readonly resources: readonly Resource[];
  /** Position of the next page; undefined on the last page. */
  readonly next?: FindPosition;
}

/** Returns true if a resource matches all given filters. */
export function matchesFilter({ statuses, metadata = {}, updatedAfter }: ResourceFilter, resource: Resource): boolean {
  return (
    statuses?.includes(resource.status) !== false &&
    hasMetadata(resource, metadata) &&
    (updatedAfter === undefined || resource.updatedAt > updatedAfter)
  );
}

function hasMetadata({ metadata }: Resource, wanted: Metadata): boolean {
  const pairs = Object.entries(wanted);
  if (pairs.length === 0) return true;
  const own = metadataOf(metadata);
  return pairs.every(([key, value]) => Object.hasOwn(own, key) && own[key] === value);
}
