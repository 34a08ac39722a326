import { createRequire } from "node:module";
import type { GenerateSyncOptions, generateSync } from "json-schema-faker";
import type { JsonSchema, Schema } from "../../../core/json/schema.ts";
import { mapSchema } from "../schemas/map-schema.ts";

/** Readable values by format, tried before random ones. Addresses and names are those reserved for examples. */
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
 * Generates one value that a JSON Schema accepts: from its `examples`, `default` or `enum`, else by `format`, `pattern` and bounds. The
 * result is deterministic; undefined if no value can be generated.
 */
function sample(schema: JsonSchema, accepts: (value: unknown) => boolean = (value) => value !== undefined): unknown {
  // Optional fields may be recursive, or have constraints that the JSON Schema does not express.
  return [{ alwaysFakeOptionals: true }, { optionalsProbability: 0 }]
    .map((optionals) => generate(schema, optionals))
    .find(accepts);
}

let faker: { readonly generateSync: typeof generateSync } | undefined;

/** Loads the generator at its first use, because most starts generate no document. */
function loadFaker(): { readonly generateSync: typeof generateSync } {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the package's own declarations
  faker ??= createRequire(import.meta.url)("#packages/json-schema-faker") as NonNullable<typeof faker>;
  return faker;
}

function generate(schema: JsonSchema, optionals: GenerateSyncOptions): unknown {
  try {
    // oxlint-disable-next-line node/no-sync -- pure computation; "sync" means that it resolves no remote references
    return loadFaker().generateSync(mapSchema(schema, chooseExample), {
      ...optionals,
      seed: SEED,
      useExamplesValue: true,
      useDefaultValue: true,
      maxDefaultItems: 1,
    });
  } catch {
    // The schema may be unsatisfiable, or use keywords that the generator does not support.
    return undefined;
  }
}

/** Replaces random choices of the generator by fixed ones. */
function chooseExample(schema: JsonSchema): JsonSchema {
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

export type SampleResult =
  | { readonly sent: unknown; readonly kept: unknown; readonly error?: undefined }
  | { readonly error: string };

/** Generates an input value and its output after validation, or returns the reason why there is none. */
export function sampleBoth(schema: Schema, input: JsonSchema): SampleResult {
  let result: SampleResult = { error: "no value could be generated" };
  sample(input, (value) => {
    result = value === undefined ? result : validated(schema, value);
    return result.error === undefined;
  });
  return result;
}

function validated(schema: Schema, sent: unknown): SampleResult {
  const result = schema["~standard"].validate(sent);
  if (result instanceof Promise) {
    // The document is generated synchronously, so the value is only checked against the JSON Schema.
    result.catch(() => undefined);
    return { sent, kept: sent };
  }
  if (result.issues === undefined) return { sent, kept: result.value };
  const issues = result.issues.map(
    ({ path = [], message }) => `${path.length === 0 ? "" : `${path.map(keyOf).join(".")}: `}${message}`,
  );
  return { error: `the schema rejects the generated value (${issues.join("; ")})` };
}

function keyOf(segment: PropertyKey | { readonly key: PropertyKey }): string {
  return String(typeof segment === "object" ? segment.key : segment);
}
