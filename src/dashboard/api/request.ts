import { authorization, requireSignIn, currentToken } from "./credentials.ts";

/** Base path of the API. */
export const API = document.querySelector<HTMLMetaElement>('meta[name="afoot-api"]')?.content ?? "/api";

/** Error for a request that failed or was rejected. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  /** HTTP status, or 0 if there was no response. */
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }

  /** True if the server can never answer the request, because its store does not offer what it needs. */
  get isUnsupported(): boolean {
    return this.status === 501;
  }
}

/** Sends a GET to the dashboard's part of the API. @throws RequestError */
export async function sendRequest(
  path: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Response> {
  const token = currentToken();
  const response = await fetch(`${API}/dashboard/${path}`, {
    headers: { ...authorization(token), ...headers },
    signal,
    cache: "no-store",
  }).catch((error: unknown) => {
    if (signal.aborted) throw error;
    throw new RequestError(0, "The server is unreachable.");
  });
  if (response.ok) return response;
  if (response.status === 401) requireSignIn(token);
  throw new RequestError(response.status, await detailOf(response));
}

/** Reads JSON. Trusts its shape, because page and server always have the same version. */
export async function requestJson<Shape>(path: string, signal: AbortSignal): Promise<Shape> {
  const response = await sendRequest(path, { accept: "application/json" }, signal);
  const json: unknown = await response.json();
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- page and server have the same version
  return json as Shape;
}

async function detailOf(response: Response): Promise<string> {
  const problem: unknown = await response.json().catch(() => undefined);
  const isProblem = typeof problem === "object" && problem !== null && "detail" in problem;
  return isProblem && typeof problem.detail === "string" ? problem.detail : `The server returned ${response.status}.`;
}
