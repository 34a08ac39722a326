import type { IncomingMessage } from "node:http";

/**
 * A header by its lower-case name, several of one name joined by commas. Looked up among the headers as they came: for Node to make
 * an object of them all takes longer than the rest of a GET.
 */
export function headerOf(incoming: IncomingMessage, name: string): string | undefined {
  const { rawHeaders } = incoming;
  let found: string | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const raw = rawHeaders[index] ?? "";
    if (raw.length !== name.length || raw.toLowerCase() !== name) continue;
    if (found !== undefined) return joined(incoming, name);
    found = rawHeaders[index + 1];
  }
  return found;
}

/** Node knows which headers may be joined, and which of several counts. */
function joined({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "object" ? value.join(", ") : value;
}
