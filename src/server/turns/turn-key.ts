import type { AcceptRequest } from "../../core/change.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { MAX_TURN_LENGTH } from "../../core/policy.ts";
import type { Resource } from "../../core/resource.ts";
import { Refusal } from "../http/problems.ts";

/**
 * Returns the turn of an operation to begin, by its target configuration: an object to spread into its request, empty
 * for a type without turns.
 *
 * An operation without a configuration of its own, such as a delete, keeps the turn of the operation before it if the
 * type's function fails: a resource must never become undeletable.
 *
 * @throws Refusal `validation` if the type's function fails for a configuration that the client sent
 */
export function turnOf(
  { name, turnOf: compute }: ResourceType,
  operation: Pick<AcceptRequest, "configuration" | "owner" | "retryOf">,
  before: Resource | undefined,
): { readonly turn?: string } {
  if (compute === undefined) return {};
  const owner = (before === undefined ? operation.owner : before.owner) ?? "";
  const stored = operation.retryOf === undefined ? before?.configuration : before?.operation.configuration;
  const turn = attempt(() => compute({ owner, configuration: JSON.parse(operation.configuration ?? stored ?? "{}") }));
  if (isTurn(turn)) return { turn };
  const previous = before?.operation.turn ?? null;
  if (operation.configuration === undefined) return previous === null ? {} : { turn: previous };
  throw new Refusal(
    "validation",
    `A ${name} takes turns by a key that is computed from its configuration, and this configuration has none. Change the configuration.`,
    { errors: [{ pointer: "/configuration", detail: NO_KEY }] },
  );
}

const NO_KEY = `must give \`concurrency.per\` of the type a key: a text of at most ${MAX_TURN_LENGTH} characters`;

function attempt(run: () => unknown): unknown {
  try {
    return run();
  } catch {
    return undefined;
  }
}

/** True for a text that every store can keep and compare. */
function isTurn(turn: unknown): turn is string {
  return typeof turn === "string" && turn.length <= MAX_TURN_LENGTH && !turn.includes("\0") && turn.isWellFormed();
}
