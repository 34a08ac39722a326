import { createClient, type HistoryLine, ProblemError, type ResourceHandle } from "afoot/client";
import { authorization, requireSignIn, currentToken } from "./credentials.ts";
import { API } from "./request.ts";

/** The regular client, with the current credentials of this tab. */
const client = createClient(new URL(API, location.href), { headers: () => authorization() });

/** Shorter timeout than the client's default, because a user is waiting. */
export const REQUEST_OPTIONS = { timeoutMs: 15_000 } as const;

/** Returns the client's collection for a path. */
function collectionOf(path: string) {
  const collection = client[path.replaceAll(/-./g, (pair) => pair.slice(1).toUpperCase())];
  if (collection === undefined) throw new TypeError(`${path} is not the path of a collection`);
  return collection;
}

export async function create(path: string, configuration: unknown): Promise<ResourceHandle> {
  return requireSignInOn401(async () => collectionOf(path).create(configuration, REQUEST_OPTIONS));
}

/** Reads a resource. Writes through its handle can be made conditional on this state. */
export async function openResource(path: string, id: string): Promise<ResourceHandle> {
  return requireSignInOn401(async () => collectionOf(path).get(id, REQUEST_OPTIONS));
}

/** Maximum number of history lines to read and show. */
const MAX_HISTORY_LINES = 5000;

export async function readHistory(path: string, id: string, signal: AbortSignal): Promise<readonly HistoryLine[]> {
  return requireSignInOn401(async () => {
    const lines: HistoryLine[] = [];
    const handle = await collectionOf(path).get(id, { ...REQUEST_OPTIONS, signal });
    for await (const line of handle.history({ ...REQUEST_OPTIONS, signal })) {
      lines.push(line);
      if (lines.length >= MAX_HISTORY_LINES) break;
    }
    return lines;
  });
}

/** Runs a request, and shows the sign-in page if it is rejected with 401. */
export async function requireSignInOn401<Result>(request: () => Promise<Result>): Promise<Result> {
  const token = currentToken();
  try {
    return await request();
  } catch (error) {
    if (error instanceof ProblemError && error.status === 401) requireSignIn(token);
    throw error;
  }
}

/** Returns the text of an error for users. */
export function errorText(error: unknown): string {
  if (error instanceof ProblemError) return error.problem.detail;
  return error instanceof Error ? error.message : String(error);
}
