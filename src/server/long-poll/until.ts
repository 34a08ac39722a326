import type { Resource } from "../../core/resource.ts";

/** What a request is held for, given what is stored. */
export type IsOver = (resource: Resource | undefined) => boolean;

/** Until no operation is in progress, or the resource is gone. */
export const untilSettled: IsOver = (resource) =>
  resource === undefined || resource.deletedAt !== null || resource.operation.settledAt !== null;

/** Until the resource is gone or shows something else. Only a new version is compared. */
export function untilChanged(isSame: (resource: Resource) => boolean): IsOver {
  let creation: string | undefined;
  let version: number | undefined;
  return (resource) => {
    if (resource === undefined || resource.deletedAt !== null) return true;
    if (resource.version === version && resource.creation === creation) return false;
    ({ creation, version } = resource);
    return !isSame(resource);
  };
}
