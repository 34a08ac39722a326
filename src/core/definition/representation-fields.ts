import type { RepresentationOptions } from "./resource-type.ts";

/**
 * The built-in fields of a representation, in their order. `always`: in each representation. `sometimes`: if the
 * resource has a value at the moment. Otherwise the option of the type that adds the field.
 */
const FIELDS = {
  id: "always",
  status: "always",
  configuration: "always",
  metadata: "metadata",
  progress: "sometimes",
  estimatedTimeRemaining: "sometimes",
  queuePosition: "queuePosition",
  error: "sometimes",
  createdAt: "timestamps",
  updatedAt: "timestamps",
  attempt: "liveness",
  observedAt: "liveness",
  expiresAt: "expiry",
  _links: "links",
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
  metadata: false,
  expiry: false,
  queuePosition: false,
  links: false,
};

/** Returns the built-in fields of a type's representations, in their order. */
export function builtInFields(options: RepresentationOptions): readonly BuiltInField[] {
  return NAMES.filter((name) => {
    const presence = FIELDS[name];
    return presence === "always" || presence === "sometimes" || options[presence];
  });
}

/** Fields that only the types that show them reserve: types of earlier versions may have details of these names. */
const OPTIONAL_FIELDS: ReadonlySet<string> = new Set<BuiltInField>(["metadata", "expiresAt", "_links"]);

/** The names that details must not have: built-in fields of any type, and fields of every state in the typed client. */
export const RESERVED_FIELDS: ReadonlySet<string> = new Set([
  ...NAMES.filter((name) => !OPTIONAL_FIELDS.has(name)),
  "settled",
  "succeeded",
]);

/** Returns true if the details of a type must not have a field of this name. */
export function isReservedField(options: RepresentationOptions, name: string): boolean {
  return RESERVED_FIELDS.has(name) || builtInFields(options).some((field) => field === name);
}
