import { createClient, type HistoryLine, ProblemError, type ResourceHandle } from "afoot/client";
import { API } from "./ask.ts";
import { authorization, refused, tokenNow } from "./credentials.ts";

/** The client that everybody uses, with the credentials of this tab; asked anew for each request. */
const client = createClient(new URL(API, location.href), { headers: () => authorization() });

/** A write that gets no answer is given up sooner than by a program: somebody sits here and waits. */
export const PATIENCE = { timeoutMs: 15_000 } as const;

/** The resources of a path. */
function collectionOf(path: string) {
  const collection = client[path.replaceAll(/-./g, (pair) => pair.slice(1).toUpperCase())];
  if (collection === undefined) throw new TypeError(`${path} is no path of a collection`);
  return collection;
}

export async function create(path: string, configuration: unknown): Promise<ResourceHandle> {
  return heeded(async () => collectionOf(path).create(configuration, PATIENCE));
}

/** Comes to a resource as it is now; what is written by its handle may be bound to that. */
export async function reach(path: string, id: string): Promise<ResourceHandle> {
  return heeded(async () => collectionOf(path).get(id, PATIENCE));
}

/** So many lines of a timeline are shown: more would be read by nobody. */
const MOST_LINES = 5000;

export async function readHistory(path: string, id: string, signal: AbortSignal): Promise<readonly HistoryLine[]> {
  return heeded(async () => {
    const lines: HistoryLine[] = [];
    const handle = await collectionOf(path).get(id, { ...PATIENCE, signal });
    for await (const line of handle.history({ ...PATIENCE, signal })) {
      lines.push(line);
      if (lines.length >= MOST_LINES) break;
    }
    return lines;
  });
}

/** Credentials that are refused once are asked for anew. */
export async function heeded<Result>(request: () => Promise<Result>): Promise<Result> {
  const token = tokenNow();
  try {
    return await request();
  } catch (error) {
    if (error instanceof ProblemError && error.status === 401) refused(token);
    throw error;
  }
}

/** What went wrong, as somebody may read it. */
export function reasonOf(error: unknown): string {
  if (error instanceof ProblemError) return error.problem.detail;
  return error instanceof Error ? error.message : String(error);
}
