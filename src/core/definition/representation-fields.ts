import type { RepresentationOptions } from "./resource-type.ts";

/**
 * The built-in fields of a representation, in their order. `always`: in each representation. `sometimes`: if the
 * resource has a value at the moment. Otherwise the option of the type that adds the field.
 */
const FIELDS = {
  id: "always",
  status: "always",
  configuration: "always",
  progress: "sometimes",
  estimatedTimeRemaining: "sometimes",
  error: "sometimes",
  createdAt: "timestamps",
  updatedAt: "timestamps",
  attempt: "liveness",
  observedAt: "liveness",
} as const satisfies Readonly<Record<string, "always" | "sometimes" | keyof RepresentationOptions>>;

export type BuiltInField = keyof typeof FIELDS;

const NAMES = Object.keys(FIELDS).filter((name): name is BuiltInField => Object.hasOwn(FIELDS, name));

/** The fields that each representation has. */
export const REQUIRED_FIELDS: readonly BuiltInField[] = NAMES.filter((name) => FIELDS[name] === "always");

export const DEFAULT_REPRESENTATION: RepresentationOptions = {
  timestamps: false,
  progress: "percent",
  time: "text",
  liveness: false,
};

/** Returns the built-in fields of a type's representations, in their order. */
export function builtInFields(options: RepresentationOptions): readonly BuiltInField[] {
  return NAMES.filter((name) => {
    const presence = FIELDS[name];
    return presence === "always" || presence === "sometimes" || options[presence];
  });
}

/** The names that details must not have: built-in fields of any type, and fields of every state in the typed client. */
export const RESERVED_FIELDS: ReadonlySet<string> = new Set([...NAMES, "settled", "succeeded"]);
