import { authorization, refused, tokenNow } from "./credentials.ts";

/** Where the API stands. */
export const API = document.querySelector<HTMLMetaElement>('meta[name="afoot-api"]')?.content ?? "/api";

/** What the server said instead of an answer. */
export class AskError extends Error {
  override readonly name = "AskError";
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

/** Fetches from below the dashboard's part of the API. @throws AskError */
export async function ask(path: string, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
  const token = tokenNow();
  const answer = await fetch(`${API}/dashboard/${path}`, {
    headers: { ...authorization(token), ...headers },
    signal,
    cache: "no-store",
  }).catch((error: unknown) => {
    if (signal.aborted) throw error;
    throw new AskError(0, "The server cannot be reached.");
  });
  if (answer.ok) return answer;
  if (answer.status === 401) refused(token);
  throw new AskError(answer.status, await detailOf(answer));
}

/** Reads JSON. The server is of the same version as the page, which takes its word for the shape. */
export async function askJson<Shape>(path: string, signal: AbortSignal): Promise<Shape> {
  const answer = await ask(path, { accept: "application/json" }, signal);
  const json: unknown = await answer.json();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as its docstring says
  return json as Shape;
}

async function detailOf(answer: Response): Promise<string> {
  const problem: unknown = await answer.json().catch(() => undefined);
  const isProblem = typeof problem === "object" && problem !== null && "detail" in problem;
  return isProblem && typeof problem.detail === "string" ? problem.detail : `The server answered ${answer.status}.`;
}
