import { MAX_KEY_LENGTH, MAX_PAIRS, MAX_VALUE_LENGTH } from "../../../core/json/metadata.ts";

const KEY = { type: "string", minLength: 1, maxLength: MAX_KEY_LENGTH } as const;

/** Describes the metadata that a resource has. */
export const metadataSchema = {
  type: "object",
  title: "Metadata",
  description: `Pairs of strings that the client attached: at most ${MAX_PAIRS}.`,
  maxProperties: MAX_PAIRS,
  propertyNames: KEY,
  additionalProperties: { type: "string", minLength: 1, maxLength: MAX_VALUE_LENGTH },
  examples: [{ order: "4711" }],
} as const;

/** Describes the metadata of a body: a merge patch of the pairs. */
export const metadataPatchSchema = {
  type: ["object", "null"],
  title: "Change of metadata",
  description: `Pairs to attach. Null or an empty string removes a key. A resource has at most ${MAX_PAIRS} pairs.`,
  propertyNames: KEY,
  additionalProperties: { type: ["string", "null"], maxLength: MAX_VALUE_LENGTH },
  examples: [{ order: "4711" }],
} as const;
