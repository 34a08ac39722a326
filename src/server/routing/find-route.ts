import { Refusal } from "../http/problems.ts";
import type { Route } from "./route.ts";
import type { Routes } from "./routes.ts";

export interface MatchedRoute {
  readonly route: Route;
  /** The id of the resource or operation; empty for a collection. */
  readonly id: string;
}

/** Finds the route of a path. @param from the end of the base path @throws Refusal `not-found`, `malformed-path` */
export function matchRoute(routes: Routes, path: string, from: number): MatchedRoute {
  const [first, second, third, isLonger] = segmentsOf(path, from + 1);
  const name = readName(first);
  if (isLonger) throw notFound();
  if (name === "operations" && routes.operation !== undefined && second !== undefined && third === undefined) {
    return { route: routes.operation, id: readId(second) };
  }
  if (name === "messages" && routes.messages !== undefined && second === undefined) {
    return { route: routes.messages, id: "" };
  }
  const view = name === "dashboard" && third === undefined ? routes.dashboard.get(second ?? "") : undefined;
  if (view !== undefined) return { route: view, id: "" };
  const request = name === "worker" && third === undefined ? routes.worker.get(readName(second ?? "")) : undefined;
  if (request !== undefined) return { route: request, id: "" };
  const collection = routes.collections.get(name);
  if (collection === undefined || second === "" || third === "") throw notFound();
  if (second === undefined) return { route: collection.collection, id: "" };
  const id = readId(second);
  const route = third === undefined ? collection.resource : collection.members.get(readName(third));
  if (route === undefined) throw notFound();
  return { route, id };
}

/**
 * Returns the first three segments of a path, and true if it has more. Searches instead of splitting, because it runs
 * for every request.
 */
function segmentsOf(
  path: string,
  from: number,
): readonly [first: string, second: string | undefined, third: string | undefined, isLonger: boolean] {
  const one = path.indexOf("/", from);
  if (one === -1) return [path.slice(from), undefined, undefined, false];
  const two = path.indexOf("/", one + 1);
  if (two === -1) return [path.slice(from, one), path.slice(one + 1), undefined, false];
  const three = path.indexOf("/", two + 1);
  const third = three === -1 ? path.slice(two + 1) : path.slice(two + 1, three);
  return [path.slice(from, one), path.slice(one + 1, two), third, three !== -1];
}

export function notFound(): Refusal {
  return new Refusal("not-found", "Nothing is served at this path.");
}

const ID = /^[A-Za-z0-9._~-]{1,128}$/;

/**
 * Decodes an id. It may have only characters that need no encoding, so that it looks the same everywhere.
 *
 * @throws Refusal `malformed-path`
 */
function readId(segment: string): string {
  const id = decodeSegment(segment);
  if (ID.test(id) && id !== "." && id !== "..") return id;
  throw new Refusal(
    "malformed-path",
    "The id in the path is invalid. It must have 1 to 128 characters of A-Z a-z 0-9 . _ ~ - and be neither . nor ..",
  );
}

/**
 * Names need no percent-encoding. An encoded one is unknown: a rule of the host for the path, or of a proxy, may have
 * compared the path as it was sent.
 */
function readName(segment: string): string {
  if (decodeSegment(segment) === segment) return segment;
  throw notFound();
}

function decodeSegment(segment: string): string {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Refusal(
      "malformed-path",
      "The path is not percent-encoded UTF-8. Encode it as UTF-8, then percent-encode it.",
    );
  }
}
