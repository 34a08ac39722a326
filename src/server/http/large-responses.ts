import type { ServerResponse } from "node:http";

/** Minimum length of a body that is counted. A shorter one mostly fits into the buffers of the operating system. */
const MIN_LENGTH = 65_536;

/** Maximum total length of the bodies that wait for their clients, in characters or bytes. */
const MAX_TOTAL_LENGTH = 128 * 1024 * 1024;

/**
 * Large responses that their clients have not read yet. Each stays in memory until it is read, so clients that request
 * large lists and read nothing could occupy all of it. Beyond the limit, the oldest response is cut off.
 */
export class LargeResponses {
  readonly #lengths = new Map<ServerResponse, number>();
  #total = 0;

  /** Counts a response until it is sent, or its connection is closed. */
  add(response: ServerResponse, length: number): void {
    if (length < MIN_LENGTH) return;
    this.#lengths.set(response, length);
    this.#total += length;
    response.once("close", () => this.#remove(response));
    for (const oldest of this.#lengths.keys()) {
      if (this.#total <= MAX_TOTAL_LENGTH || oldest === response) break;
      this.#remove(oldest);
      oldest.destroy();
    }
  }

  #remove(response: ServerResponse): void {
    this.#total -= this.#lengths.get(response) ?? 0;
    this.#lengths.delete(response);
  }
}
