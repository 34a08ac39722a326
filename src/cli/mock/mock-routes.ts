import type { MockResource } from "./find-resources.ts";

/** The collection or item that a path addresses. */
export interface MockRoute {
  readonly resource: MockResource;
  readonly isItem: boolean;
  /** Path without its base path. It identifies the collection or item under every base path. */
  readonly key: string;
}

/** Creates a function that matches paths to routes, with each base path and without one. */
export function createMockRouter(
  resources: readonly MockResource[],
  basePaths: readonly string[],
): (path: string) => MockRoute | undefined {
  const routes = resources.map((resource) => {
    const collection = resource.path
      .replace(/\/$/, "")
      .split(/\{[^{}/]+\}/)
      .map((text) => RegExp.escape(text))
      .join("[^/]+");
    return { resource, pattern: new RegExp(`^(?<collection>${collection})(?:/(?<id>[^/]+))?/?$`) };
  });
  const bases = [...new Set([...basePaths, ""])].toSorted((one, other) => other.length - one.length);

  return (path) => {
    for (const base of bases) {
      if (base !== "" && !path.startsWith(`${base}/`)) continue;
      for (const { resource, pattern } of routes) {
        const { collection, id } = pattern.exec(path.slice(base.length))?.groups ?? {};
        if (collection === undefined) continue;
        return { resource, isItem: id !== undefined, key: id === undefined ? collection : `${collection}/${id}` };
      }
    }
    return undefined;
  };
}
