import { type Resource, shownConfiguration, shownDetails } from "../resource.ts";

/**
 * Updates the versions of a changed row: `edit` grows with configuration, status label, details and metadata, `version` with
 * everything that a representation may show. A change that clients cannot see changes neither.
 */
export function withNewVersion(before: Resource, after: Resource, at: number): Resource {
  const isEdited =
    before.status !== after.status ||
    before.metadata !== after.metadata ||
    shownConfiguration(before) !== shownConfiguration(after) ||
    shownDetails(before) !== shownDetails(after);
  if (!isEdited && !isShownDifferently(before, after)) return after;
  return {
    ...after,
    edit: before.edit + (isEdited ? 1 : 0),
    version: before.version + 1,
    updatedAt: Math.max(before.updatedAt, at),
  };
}

function isShownDifferently({ operation, ...before }: Resource, after: Resource): boolean {
  return (
    before.error !== after.error ||
    before.deletedAt !== after.deletedAt ||
    operation.id !== after.operation.id ||
    operation.attempt !== after.operation.attempt ||
    operation.progress !== after.operation.progress ||
    operation.estimatedEndAt !== after.operation.estimatedEndAt ||
    operation.settledAt !== after.operation.settledAt
  );
}
