import type { ResourceType } from "../../core/definition/resource-type.ts";
import { isJsonObject } from "../../core/json/json.ts";
import type { Grant } from "../../core/ports/messages.ts";

/** What a grant says, as work is given it. */
export interface Decoded {
  readonly configuration: unknown;
  readonly previousConfiguration: unknown;
  readonly details: Readonly<Record<string, unknown>>;
  readonly input: unknown;
}

/**
 * Reads a grant's JSON, once, in today's shape: a server of an older version hands out rows in the shape that it knows. Throws what
 * `migrate` throws.
 */
export function decode({ migrate }: ResourceType, grant: Grant): Decoded {
  const stored = { configuration: parse(grant.configuration), details: parse(grant.details) };
  const { configuration, details } = migrate?.(stored) ?? stored;
  const previous = parse(grant.previousConfiguration);
  return {
    configuration,
    previousConfiguration:
      migrate === undefined || previous === undefined
        ? previous
        : migrate({ ...stored, configuration: previous }).configuration,
    details: isJsonObject(details) ? details : {},
    input: parse(grant.input),
  };
}

function parse(text: string | null): unknown {
  return text === null ? undefined : JSON.parse(text);
}
