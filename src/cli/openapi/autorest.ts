import { DefinitionError } from "../../core/errors.ts";
import type { Method, PathItem } from "../../server/openapi/open-api.ts";
import { collectionOf, jsonPath, type OverlayAction, type OverlaySource } from "./overlay.ts";

/**
 * Returns the actions of an overlay for AutoRest: each request that starts an operation as long-running.
 *
 * @throws DefinitionError if the app does not serve operations
 * @see https://github.com/Azure/autorest/blob/main/docs/extensions/readme.md#x-ms-long-running-operation
 */
export function autorestActions(source: OverlaySource): readonly OverlayAction[] {
  const { paths } = source.document;
  if (!(`${source.basePath}/operations/{id}` in paths)) {
    throw new DefinitionError(
      "--overlay autorest: AutoRest's clients follow Operation-Location, which the app does not send; set operations: true in createApp",
    );
  }
  const others = pathsWithoutOperation(source);
  return Object.entries(paths)
    .filter(([path]) => !others.has(path))
    .flatMap(([path, item]) => acceptedMethods(item).map((method) => jsonPath("paths", path, method)))
    .map((target) => ({ target, update: LONG_RUNNING }));
}

const LONG_RUNNING = {
  "x-ms-long-running-operation": true,
  "x-ms-long-running-operation-options": { "final-state-via": "operation-location" },
};

/** Returns the paths whose 202 concerns the operation in progress instead of a new one: cancel, and messages to work. */
function pathsWithoutOperation(source: OverlaySource): ReadonlySet<string> {
  const paths = source.types.flatMap((type) =>
    ["cancel", ...type.receives.keys()].map((segment) => `${collectionOf(source, type)}/{id}/${segment}`),
  );
  return new Set(paths);
}

const METHODS = ["post", "put", "patch", "delete"] as const satisfies Method[];

/** Returns the methods with a 202 that names its operation. */
function acceptedMethods(item: PathItem): readonly Method[] {
  return METHODS.filter((method) => {
    const accepted = item[method]?.responses["202"];
    return accepted !== undefined && "headers" in accepted && "Operation-Location" in (accepted.headers ?? {});
  });
}
