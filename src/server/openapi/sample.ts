import { type GenerateSyncOptions, generateSync } from "json-schema-faker";
import type { JsonSchema, Schema } from "../../core/json/schema.ts";
import { mapSchema } from "./schemas/map-schema.ts";

/** What a person would write for a format, tried before anything is drawn. Addresses and names are those reserved for examples. */
const FORMATS: Readonly<Record<string, string>> = {
  "date-time": "2026-01-31T12:00:00Z",
  date: "2026-01-31",
  time: "12:00:00Z",
  duration: "PT15M",
  email: "someone@example.com",
  hostname: "example.com",
  ipv4: "192.168.1.10",
  ipv6: "2001:db8::10",
  uri: "https://example.com/",
  "uri-reference": "/path",
  url: "https://example.com/",
  uuid: "123e4567-e89b-42d3-a456-426614174000",
};

const SEED = 1;

/**
 * Makes one value that a JSON Schema accepts: its own `examples`, `default` or `enum` first, else by `format`, `pattern` and
 * bounds. The same schema always gives the same value. Undefined where none can be made.
 */
function sample(schema: JsonSchema, accepts: (value: unknown) => boolean = (value) => value !== undefined): unknown {
  // What is optional may lead round in circles, or be where a schema asks for more than it says.
  return [{ alwaysFakeOptionals: true }, { optionalsProbability: 0 }]
    .map((optionals) => generated(schema, optionals))
    .find(accepts);
}

function generated(schema: JsonSchema, optionals: GenerateSyncOptions): unknown {
  try {
    // oxlint-disable-next-line node/no-sync -- it only computes; "sync" is that it resolves no remote references
    return generateSync(mapSchema(schema, told), {
      ...optionals,
      seed: SEED,
      useExamplesValue: true,
      useDefaultValue: true,
      maxDefaultItems: 1,
    });
  } catch {
    // A schema may ask for what no value is, or for more than the generator knows.
    return undefined;
  }
}

/** Tells the generator what to choose where it would draw. */
function told(schema: JsonSchema): JsonSchema {
  const { examples, example, enum: values, anyOf, oneOf } = schema;
  if (Array.isArray(examples) && examples.length > 0) return { ...schema, examples: examples.slice(0, 1) };
  if (example !== undefined) return { ...schema, examples: [example] };
  if (Array.isArray(values) && values.length > 0) return { ...schema, enum: values.slice(0, 1) };
  if (Array.isArray(anyOf)) return { ...schema, anyOf: anyOf.slice(0, 1) };
  if (Array.isArray(oneOf)) return { ...schema, oneOf: oneOf.slice(0, 1) };
  if (schema["default"] !== undefined || schema["const"] !== undefined) return schema;
  const plain = plainValue(schema);
  return plain === undefined ? schema : { ...schema, examples: [plain] };
}

function plainValue(schema: JsonSchema): unknown {
  switch (schema["type"]) {
    case "string":
      return plainText(schema);
    case "boolean":
      return true;
    case "integer":
    case "number":
      return plainNumber(schema);
    default:
      return undefined;
  }
}

function plainText({ format, pattern, minLength = 0, maxLength = Infinity }: JsonSchema): string | undefined {
  const text = typeof format === "string" && Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  const plain = text ?? (format === undefined ? "string" : undefined);
  if (plain === undefined || plain.length < Number(minLength) || plain.length > Number(maxLength)) return undefined;
  return typeof pattern !== "string" || matches(pattern, plain) ? plain : undefined;
}

function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    return false;
  }
}

function plainNumber(schema: JsonSchema): number | undefined {
  const bound = (keyword: string, fallback: number): number =>
    typeof schema[keyword] === "number" ? schema[keyword] : fallback;
  const minimum = bound("minimum", -Infinity);
  const above = bound("exclusiveMinimum", -Infinity);
  const maximum = bound("maximum", Infinity);
  const below = bound("exclusiveMaximum", Infinity);
  const step = bound("multipleOf", schema["type"] === "integer" ? 1 : 0);
  const fits = (value: number): boolean =>
    value >= minimum && value > above && value <= maximum && value < below && (step === 0 || value % step === 0);
  return [1, minimum, above + 1, maximum, step].find(fits);
}

export type Sampled =
  | { readonly sent: unknown; readonly kept: unknown; readonly fault?: undefined }
  | { readonly fault: string };

/** A value for the input side of a schema, and what the schema itself makes of it; or why there is none. */
export function sampleBoth(schema: Schema, input: JsonSchema): Sampled {
  let tried: Sampled = { fault: "no value could be made for it" };
  sample(input, (value) => {
    tried = value === undefined ? tried : validated(schema, value);
    return tried.fault === undefined;
  });
  return tried;
}

function validated(schema: Schema, sent: unknown): Sampled {
  const result = schema["~standard"].validate(sent);
  if (result instanceof Promise) {
    // Its outcome comes too late for a document that is made at once; the value is what its JSON Schema describes.
    result.catch(() => undefined);
    return { sent, kept: sent };
  }
  if (result.issues === undefined) return { sent, kept: result.value };
  const faults = result.issues.map(({ path = [], message }) => `${path.map(keyOf).join(".")}: ${message}`);
  return { fault: `the value made for it is refused (${faults.join("; ")})` };
}

function keyOf(segment: PropertyKey | { readonly key: PropertyKey }): string {
  return String(typeof segment === "object" ? segment.key : segment);
}
