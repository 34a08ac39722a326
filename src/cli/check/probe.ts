import { isJsonObject } from "../../core/json/json.ts";

/** An answer, read to its end. */
export interface Reply {
  /** 0 where none came. */
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The text as JSON; undefined where it is none. */
  readonly body: unknown;
  readonly ms: number;
}

export interface ProbeOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly raw?: string;
}

/** Sends one request, once. A connection that is lost is an answer too: none. */
export type Probe = (method: string, url: string, options?: ProbeOptions) => Promise<Reply>;

/** How long one answer may take. */
const ANSWER_MS = 30_000;

export function createProbe(headers: Headers): Probe {
  return async (method, url, options = {}) => {
    const startedAt = performance.now();
    try {
      const response = await fetch(url, requestOf(method, headers, options));
      const text = await response.text();
      const { status } = response;
      return { status, headers: response.headers, text, body: parsed(text), ms: performance.now() - startedAt };
    } catch (error) {
      return {
        status: 0,
        headers: new Headers(),
        text: reasonOf(error),
        body: undefined,
        ms: performance.now() - startedAt,
      };
    }
  };
}

function requestOf(method: string, common: Headers, { headers = {}, json, raw }: ProbeOptions): RequestInit {
  const all = new Headers(common);
  if (json !== undefined) all.set("content-type", "application/json");
  for (const [name, value] of Object.entries(headers)) all.set(name, value);
  const body = raw ?? (json === undefined ? undefined : JSON.stringify(json));
  return {
    method,
    headers: all,
    redirect: "manual",
    signal: AbortSignal.timeout(ANSWER_MS),
    ...(body === undefined ? {} : { body }),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || String(error.cause) : error.message;
}

/** A reply in few words: `409 (operation in progress)`. */
export function told({ status, body, text }: Reply): string {
  if (status === 0) return `no answer (${text})`;
  const said = isJsonObject(body)
    ? [body["detail"], body["title"], body["message"]].find((each) => typeof each === "string")
    : undefined;
  return typeof said === "string" ? `${status} (${said.slice(0, 200)})` : String(status);
}
