import type { HttpRequest } from "../http/exchange.ts";
import { JSON_TYPE } from "../http/headers.ts";
import { Refusal } from "../http/problems.ts";
import type { ServerOptions } from "../options.ts";
import { scanJson, JsonSyntaxError } from "./json-scan.ts";

/** Media types of the body of PATCH. */
export const PATCH_TYPES = ["application/merge-patch+json", JSON_TYPE];

/** Reads a body of one of these JSON media types. @throws Refusal `unsupported-media-type` before anything is read */
export async function readBody(
  request: HttpRequest,
  { maxBodyBytes }: ServerOptions,
  types: readonly string[] = [JSON_TYPE],
): Promise<Uint8Array> {
  const encoding = request.header("content-encoding");
  if (encoding !== undefined && encoding.toLowerCase() !== "identity") {
    throw new Refusal("unsupported-media-type", "The body is compressed; send it without Content-Encoding.", {
      headers: ["Accept-Encoding", "identity"],
    });
  }
  const type = request.header("content-type");
  const isAccepted = type !== undefined && matchesType(type, types);
  if (!isAccepted && announcesBody(request)) throw unsupportedType(type, types);
  const bytes = await request.readBody(maxBodyBytes);
  // An empty body may have any type.
  if (!isAccepted && bytes.length > 0) throw unsupportedType(type, types);
  return bytes;
}

/** Parses an optional body. An empty one is an object without fields. */
export function parseOptionalJson(bytes: Uint8Array, { maxDepth }: ServerOptions): unknown {
  return bytes.length === 0 ? {} : parseJson(bytes, maxDepth);
}

/** True if the headers announce a body. A host that uses Web standards may not have these headers. */
function announcesBody(request: HttpRequest): boolean {
  return request.header("transfer-encoding") !== undefined || Number(request.header("content-length") ?? 0) > 0;
}

/** Maximum length of a Content-Type. Valid ones are much shorter. */
const MAX_TYPE_LENGTH = 200;

function matchesType(given: string, types: readonly string[]): boolean {
  if (given.length > MAX_TYPE_LENGTH) return false;
  const [type = "", ...parameters] = given.split(";").map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="));
  return types.includes(type) && (charset === undefined || /^charset="?utf-8"?$/.test(charset));
}

export function unsupportedType(given: string | undefined, types: readonly string[]): Refusal {
  return new Refusal(
    "unsupported-media-type",
    `Content-Type is ${given === undefined ? "not given" : JSON.stringify(given.slice(0, 100))}; send ${types.join(" or ")} in UTF-8.`,
    { headers: ["Accept", types.join(", ")] },
  );
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads a JSON text from bytes.
 *
 * @throws Refusal `malformed-json`, naming line and column
 */
export function parseJson(bytes: Uint8Array, maxDepth: number): unknown {
  const text = decodeUtf8(bytes);
  try {
    scanJson(text, maxDepth);
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw malformed(positionOf(text, error.at), error.message);
    throw error;
  }
  return JSON.parse(text);
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw malformed(`byte ${firstInvalidByte(bytes) + 1}`, "the body is not UTF-8");
  }
}

/** Finds the first invalid byte by binary search: a prefix decodes if it ends before that byte. */
function firstInvalidByte(bytes: Uint8Array): number {
  let valid = 0;
  let invalid = bytes.length;
  while (invalid - valid > 1) {
    const middle = Math.floor((valid + invalid) / 2);
    if (isUtf8Prefix(bytes.subarray(0, middle))) valid = middle;
    else invalid = middle;
  }
  return valid;
}

/** True if the bytes are valid UTF-8, except that the last character may be incomplete. */
function isUtf8Prefix(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function positionOf(text: string, at: number): string {
  const before = text.slice(0, at);
  const line = before.split("\n").length;
  return `line ${line}, column ${at - before.lastIndexOf("\n")}`;
}

function malformed(position: string, reason: string): Refusal {
  return new Refusal("malformed-json", `The body is not valid JSON: at ${position}, ${reason}.`);
}
