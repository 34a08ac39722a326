import { type Resource, shownConfiguration, shownDetails } from "../resource.ts";

/**
 * Gives the changed row its versions: `edit` grows with configuration, status label and details, `version` with everything a
 * representation may show. A change that shows nowhere leaves both.
 */
export function withNewVersion(before: Resource, after: Resource, at: number): Resource {
  const edited =
    before.status !== after.status ||
    shownConfiguration(before) !== shownConfiguration(after) ||
    shownDetails(before) !== shownDetails(after);
  if (!edited && !isShownDifferently(before, after)) return after;
  return {
    ...after,
    edit: before.edit + (edited ? 1 : 0),
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
