import { Refusal } from "../http/problems.ts";
import { scanJson } from "./json-scan.ts";
import { JsonFault } from "./json-tokens.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads a JSON text from bytes.
 *
 * @throws Refusal `malformed-json`, naming line and column
 */
export function parseJson(bytes: Uint8Array, maxDepth: number): unknown {
  const text = decoded(bytes);
  try {
    scanJson(text, maxDepth);
  } catch (error) {
    if (error instanceof JsonFault) throw malformed(placeOf(text, error.at), error.message);
    throw error;
  }
  return JSON.parse(text);
}

function decoded(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw malformed(`byte ${firstBadByte(bytes) + 1}`, "the body is not UTF-8");
  }
}

/** What comes before the first bad byte decodes, what includes it does not. */
function firstBadByte(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (decodes(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

/** Whether these are the first bytes of a text; the last character may be incomplete. */
function decodes(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function placeOf(text: string, at: number): string {
  const before = text.slice(0, at);
  const line = before.split("\n").length;
  return `line ${line}, column ${at - before.lastIndexOf("\n")}`;
}

function malformed(place: string, why: string): Refusal {
  return new Refusal("malformed-json", `The body cannot be read as JSON: at ${place}, ${why}.`);
}
