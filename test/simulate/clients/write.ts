import type { ClientRequest, ClientResponse } from "./http.ts";
import { type ClientParts, credentialsOf } from "./parts.ts";

/**
 * Sends a write until it has an answer. The same key makes its repetitions harmless, also those that two nodes get at the
 * same time, and those long after the answer.
 */
export async function write(parts: ClientParts, request: ClientRequest): Promise<ClientResponse | undefined> {
  const { scheduler, chance, http, ledger } = parts;
  const key = `key-${ledger.nextNumber()}`;
  const keyed = { ...request, headers: { ...request.headers, ...credentialsOf(parts), "idempotency-key": key } };
  const note = (response: ClientResponse | undefined): void => {
    if (response === undefined || isTemporary(response)) return;
    if (request.method !== "DELETE") ledger.reply(key, response);
    if (response.status < 300) ledger.acceptOperation(response);
  };
  for (let tries = 1; tries <= 30; tries++) {
    if (chance.happens(0.1)) void http.send(keyed).then(note);
    const response = await http.send(keyed);
    if (response !== undefined && !isTemporary(response)) {
      note(response);
      if (chance.happens(0.15)) {
        // Some clients repeat a request that had an answer, some of them much later.
        const laterMs = chance.pick([0, 0, 5000, 40_000]);
        scheduler.after(laterMs, () => void http.send(keyed).then(note));
      }
      return response;
    }
    await scheduler.pause(chance.between(10, 3000));
  }
  return undefined;
}

/** Returns true for a response after which a client sends the request again: an error of the server, or a limit. */
function isTemporary({ status }: ClientResponse): boolean {
  return status >= 500 || status === 429;
}
