import type { MockResource } from "./find-resources.ts";

/** Where a request leads. */
export interface MockPlace {
  readonly resource: MockResource;
  readonly isItem: boolean;
  /** The path without its base: what it names is the same under every base. */
  readonly key: string;
}

/** Makes the search for what stands under a path: with each base path, and without. */
export function createMockRoutes(
  resources: readonly MockResource[],
  basePaths: readonly string[],
): (path: string) => MockPlace | undefined {
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
