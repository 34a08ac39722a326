import { metadataOf } from "../core/json/metadata.ts";
import type { TypePolicy } from "../core/policy.ts";
import type { Resource } from "../core/resource.ts";
import { CREATION_INDEX, METADATA_INDEX, VERSION_INDEX } from "./resource-row.ts";
import type { ColumnValue, RowValues } from "./values.ts";

/**
 * The columns of `list_entries`, which lists resources by their metadata, in the order of their creation. The entry with
 * an empty name lists a resource in the order of changes. Resources without metadata, of types without `updatedAfter`,
 * have no entry.
 */
export const ENTRY_COLUMNS = ["resource", "name", "value", "type", "owner", "at", "id"] as const;

/** The name and the value of the entry in the order of changes. */
export const CHANGES = ["", ""] as const;

/** The change of the entries of one row. */
export interface EntryChange {
  /** True if all entries of the row are replaced, false if only the one in the order of changes is. */
  readonly isWhole: boolean;
  readonly entries: readonly (readonly ColumnValue[])[];
}

/**
 * Returns how a changed row changes its entries; undefined if it does not.
 *
 * @param stored the values of the row before, in the order of `COLUMNS`; undefined for a new row
 */
export function entryChange(
  row: number,
  resource: Resource,
  stored: RowValues | undefined,
  policy: TypePolicy | undefined,
): EntryChange | undefined {
  const { metadata, creation, version, deletedAt, createdAt, updatedAt, type, owner, id } = resource;
  const before = stored?.[METADATA_INDEX] ?? null;
  const isWhole = before !== metadata || (metadata !== null && stored?.[CREATION_INDEX] !== creation);
  const isListed = policy?.updatedAfter === true;
  if (!isWhole && !(isListed && stored?.[VERSION_INDEX] !== version)) return undefined;
  const entry = (pair: readonly [string, string], at: number): readonly ColumnValue[] => [
    row,
    ...pair,
    type,
    owner,
    at,
    id,
  ];
  return {
    isWhole,
    entries: [
      ...(isWhole ? Object.entries(metadataOf(metadata)).map((pair) => entry(pair, createdAt)) : []),
      ...(isListed && deletedAt === null ? [entry(CHANGES, updatedAt)] : []),
    ],
  };
}
