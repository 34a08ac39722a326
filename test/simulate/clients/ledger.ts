import type { RowChecks } from "../checks/row-checks.ts";
import type { Violations } from "../checks/violations.ts";
import type { ClientResponse } from "./http.ts";

interface Accepted {
  readonly type: string;
  readonly id: string;
  readonly metadata: Map<string, string>;
}

/** Maximum number of pairs of metadata of one resource. */
const MAX_PAIRS = 30;

/** What clients know: each response that a server has confirmed. */
export class Ledger {
  readonly #violations: Violations;
  readonly #rows: RowChecks;
  readonly accepted = new Map<string, Accepted>();
  /** The operations that a response has named. */
  readonly operations = new Set<string>();
  readonly #replies = new Map<string, string>();
  readonly deleteRequests = new Set<string>();
  replays = 0;
  #numbers = 0;
  readonly #pairs = new Map<string, number>();

  constructor(rows: RowChecks, violations: Violations) {
    this.#rows = rows;
    this.#violations = violations;
  }

  /** Returns a number that no other request of the run has. */
  nextNumber(): number {
    return ++this.#numbers;
  }

  /** Returns the name of a pair of metadata that no other request has used for the resource, among the last ones. */
  nextPair(resource: string): string {
    const number = (this.#pairs.get(resource) ?? 0) + 1;
    this.#pairs.set(resource, number);
    return `pair-${number % MAX_PAIRS}`;
  }

  /** Keeps a resource that a 202 has confirmed. */
  accept(type: string, id: string): void {
    this.accepted.set(`${type}/${id}`, { type, id, metadata: new Map() });
    this.#violations.check(
      this.#rows.states.has(`${type}/${id}`),
      "an accepted resource is committed",
      () => `${type}/${id}`,
    );
  }

  /** Keeps the operation that a response names. */
  acceptOperation(response: ClientResponse): void {
    const id = /operations\/([^/?]+)/.exec(response.headers.get("operation-location") ?? "")?.[1];
    if (id !== undefined) this.operations.add(id);
  }

  /** Compares the responses to the same request with the same key. */
  reply(key: string, { status, headers, text }: ClientResponse): void {
    // An answer that the client should repeat, or the state of a resource that has changed since, is no stored reply.
    if (status >= 300) return;
    const reply = JSON.stringify([status, headers.get("location"), text]);
    const known = this.#replies.get(key);
    if (known === undefined) this.#replies.set(key, reply);
    else this.replays++;
    this.#violations.check(
      known === undefined || known === reply,
      "a repeated request gets the same reply",
      () => `${key}: ${known} and ${reply}`,
    );
  }
}

/** What one client has seen of one resource. */
export class Sight {
  readonly #rows: RowChecks;
  readonly #violations: Violations;
  readonly #key: string;
  /** Index of the oldest state that the client may be looking at. */
  #index = 0;

  constructor(rows: RowChecks, violations: Violations, key: string) {
    this.#rows = rows;
    this.#violations = violations;
    this.#key = key;
  }

  /** Notes that a request begins: its response shows a state that is not older. Returns the index of that state. */
  begin(): number {
    return Math.max(0, (this.#rows.states.get(this.#key)?.length ?? 0) - 1);
  }

  /** Checks a response that the state has not changed: since the request began, some state was the one seen last. */
  seeSame(begunAt: number): void {
    const states = this.#rows.states.get(this.#key) ?? [];
    const seen = states[this.#index]?.text;
    const index = states.findIndex((state, at) => at >= begunAt && state.text === seen);
    this.#violations.check(
      index !== -1,
      "a response is never older than its request",
      () => `${this.#key}: not modified since state ${this.#index}, but the request began at state ${begunAt}`,
    );
    if (index !== -1) this.#index = index;
  }

  /**
   * Checks that a representation is a stored state, none from before the last one that was seen, and none from before
   * its request.
   */
  see(body: Record<string, unknown>, begunAt = 0): void {
    const { status, configuration, progress, error, metadata, details } = partsOf(body);
    const text = JSON.stringify({ status, configuration, progress, error, details, metadata });
    const states = this.#rows.states.get(this.#key) ?? [];
    const from = Math.max(this.#index, begunAt);
    const index = states.findIndex((state, at) => at >= from && state.text === text);
    this.#violations.check(
      index !== -1,
      "a client sees stored states only, and none goes back",
      () =>
        `${this.#key}: ${text} after state ${from} ${states[from]?.text}; stored: ${states.map((state) => state.text).join(" ")}`,
    );
    if (index !== -1) this.#index = index;
  }
}

const BUILT_IN = new Set([
  ...["id", "status", "configuration", "progress", "estimatedTimeRemaining", "error", "createdAt", "updatedAt"],
  ...["metadata", "_links"],
]);

function partsOf(body: Record<string, unknown>) {
  const { status, configuration, progress = null, error, metadata = {} } = body;
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : null;
  const details = Object.fromEntries(Object.entries(body).filter(([name]) => !BUILT_IN.has(name)));
  return { status, configuration, progress, error: code, metadata, details };
}
