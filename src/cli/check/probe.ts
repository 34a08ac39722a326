import { isJsonObject } from "../../core/json/json.ts";
import { withLimit } from "../untrusted-server.ts";

/** A response, read completely. */
export interface Reply {
  /** The HTTP status, or 0 if there was no response. */
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The text, parsed as JSON. Undefined if it is not JSON. */
  readonly body: unknown;
  readonly ms: number;
}

export interface ProbeOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Request body, sent as JSON. */
  readonly json?: unknown;
  /** Request body, sent unchanged. */
  readonly raw?: string;
}

/** Sends one request without retries. A lost connection resolves to a reply with status 0. */
export type Probe = (method: string, url: string, options?: ProbeOptions) => Promise<Reply>;

/** Maximum time to wait for one response. */
const REPLY_TIMEOUT_MS = 30_000;

export function createProbe(headers: Headers): Probe {
  return async (method, url, options = {}) => {
    const startedAt = performance.now();
    try {
      const response = withLimit(await fetch(url, toRequest(method, headers, options)));
      const text = await response.text();
      const { status } = response;
      return { status, headers: response.headers, text, body: parseJson(text), ms: performance.now() - startedAt };
    } catch (error) {
      return {
        status: 0,
        headers: new Headers(),
        text: failureReason(error),
        body: undefined,
        ms: performance.now() - startedAt,
      };
    }
  };
}

function toRequest(method: string, common: Headers, { headers = {}, json, raw }: ProbeOptions): RequestInit {
  const all = new Headers(common);
  if (json !== undefined) all.set("content-type", "application/json");
  for (const [name, value] of Object.entries(headers)) all.set(name, value);
  const body = raw ?? (json === undefined ? undefined : JSON.stringify(json));
  return {
    method,
    headers: all,
    redirect: "manual",
    signal: AbortSignal.timeout(REPLY_TIMEOUT_MS),
    ...(body === undefined ? {} : { body }),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failureReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || String(error.cause) : error.message;
}

/** Describes a reply in a few words, such as `409 (operation in progress)`. */
export function describeReply({ status, body, text }: Reply): string {
  if (status === 0) return `no response (${text})`;
  const message = isJsonObject(body)
    ? [body["detail"], body["title"], body["message"]].find((each) => typeof each === "string")
    : undefined;
  return typeof message === "string" ? `${status} (${message.slice(0, 200)})` : String(status);
}
