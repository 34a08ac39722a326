import { createRequire } from "node:module";
import type { Ajv2020, ErrorObject, ValidateFunction } from "ajv/dist/2020.js";
import { RESERVED_FIELDS } from "../../core/definition/representation-fields.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { AfootError } from "../../core/errors.ts";
import { isJsonObject, type JsonText, type Json } from "../../core/json/json.ts";
import type { Issue } from "../../core/json/schema.ts";
import { validateToJson } from "../../core/json/validate-to-json.ts";
import schemas from "../../core/ports/messages.schema.json" with { type: "json" };
import type { ProgressMessage, WorkerRequestKind, WorkerRequests, StatusMessage } from "../../core/ports/messages.ts";

interface CheckedMessages {
  claim: WorkerRequests["claim"]["request"];
  record: WorkerRequests["record"]["request"];
  end: WorkerRequests["end"]["request"];
  beat: WorkerRequests["beat"]["request"];
  progress: ProgressMessage;
  status: CheckedStatusMessage;
}

/** A message of an external process that violates the schemas. Sending it again cannot help. */
export class InvalidMessageError extends AfootError {
  override readonly name = "InvalidMessageError";
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    const [first = { pointer: "", detail: "is not valid" }] = issues;
    const more = issues.length > 1 ? `, and ${issues.length - 1} more` : "";
    super(
      "invalid-message",
      `The message is invalid: ${first.pointer === "" ? "it" : first.pointer} ${first.detail}${more}.`,
    );
    this.issues = issues;
  }
}

let loadedAjv: Ajv2020 | undefined;

/** Loads Ajv at its first use. Loading takes long, and a server without external processes does not need it. */
function ajv(): Ajv2020 {
  if (loadedAjv !== undefined) return loadedAjv;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the package's own declarations
  const loaded = createRequire(import.meta.url)("#packages/ajv") as { Ajv2020: typeof Ajv2020 };
  loadedAjv = new loaded.Ajv2020({ allErrors: true, discriminator: true, allowUnionTypes: true });
  loadedAjv.addSchema(schemas);
  return loadedAjv;
}

/** Returns the validator of a kind of message, which is compiled at its first use. */
function validator<Kind extends keyof CheckedMessages>(kind: Kind): ValidateFunction<CheckedMessages[Kind]> {
  const found = ajv().getSchema<CheckedMessages[Kind]>(`${schemas.$id}#/$defs/${kind}`);
  if (found === undefined) throw new RangeError(`there is no schema for ${kind}`);
  return found;
}

/** Validates a message of an external process. @throws InvalidMessageError with every issue */
export function checkedMessage<Kind extends keyof CheckedMessages>(
  kind: Kind,
  message: unknown,
): CheckedMessages[Kind] {
  const isValid = validator(kind);
  if (isValid(message)) return message;
  throw new InvalidMessageError((isValid.errors ?? []).map(issueOf));
}

function issueOf({ instancePath, message = "is not valid", params, keyword }: ErrorObject): Issue {
  const { tag, missingProperty }: { tag?: unknown; missingProperty?: unknown } = params;
  if (keyword === "discriminator") {
    return { pointer: `${instancePath}/${String(tag)}`, detail: "is unknown" };
  }
  if (keyword === "required") return { pointer: `${instancePath}/${String(missingProperty)}`, detail: "is missing" };
  const allowed: unknown = params["allowedValue"] ?? params["allowedValues"] ?? params["additionalProperty"];
  return { pointer: instancePath, detail: allowed === undefined ? message : `${message}: ${JSON.stringify(allowed)}` };
}

/**
 * Validates a worker's request, including the JSON texts in it, which clients will see unchanged. Invalid progress does not invalidate
 * the heartbeat that carries it, because the worker would lose its operations.
 *
 * @throws InvalidMessageError
 */
export function checkedRequest<Kind extends WorkerRequestKind>(
  kind: Kind,
  message: unknown,
): WorkerRequests[Kind]["request"] {
  const request = kind === "beat" ? withoutInvalidProgress(message) : message;
  return { ...checkedMessage(kind, request), ...canonicalTexts(request) };
}

function withoutInvalidProgress(beat: unknown): unknown {
  if (!isJsonObject(beat) || !Array.isArray(beat["progress"])) return beat;
  const progress = beat["progress"].flatMap((message) => {
    try {
      return checkedProgress(message);
    } catch (error) {
      if (error instanceof InvalidMessageError) return [];
      throw error;
    }
  });
  return { ...beat, progress };
}

/** Validates a progress message. An estimate below zero, as it is computed near the end, counts as zero. @throws InvalidMessageError */
export function checkedProgress(message: unknown): ProgressMessage {
  const clamped =
    isJsonObject(message) && Number(message["estimatedTimeRemainingMs"]) < 0
      ? { ...message, estimatedTimeRemainingMs: 0 }
      : message;
  return { ...checkedMessage("progress", clamped), ...canonicalTexts(clamped) };
}

/** Returns the JSON texts of a message in canonical form. */
function canonicalTexts(message: unknown): object {
  if (!isJsonObject(message)) return {};
  const { result, details } = message;
  return {
    ...(typeof result === "string" ? { result: canonicalText(result, "/result") } : {}),
    ...(typeof details === "string" ? { details: canonicalDetails(details) } : {}),
  };
}

function canonicalDetails(text: string): JsonText {
  const details = parseText(text, "/details");
  if (!isJsonObject(details)) {
    throw new InvalidMessageError([{ pointer: "/details", detail: "must be the JSON text of an object" }]);
  }
  const issues = reservedFields(details, "/details");
  if (issues.length > 0) throw new InvalidMessageError(issues);
  return JSON.stringify(details);
}

/** Returns an issue for each field of details whose name is reserved for the representation. */
export function reservedFields(details: object, pointer: string): readonly Issue[] {
  return Object.keys(details)
    .filter((field) => RESERVED_FIELDS.has(field))
    .map((field) => ({
      pointer: `${pointer}/${field}`,
      detail: "is reserved: every representation has this field; choose another name",
    }));
}

function canonicalText(text: string, pointer: string): JsonText {
  return JSON.stringify(parseText(text, pointer));
}

function parseText(text: string, pointer: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidMessageError([{ pointer, detail: "is not a JSON text" }]);
  }
}

type Envelope = Omit<StatusMessage, "type" | "data">;

/** A valid status message. */
export type CheckedStatusMessage = Envelope &
  (
    | {
        readonly type: "dev.afoot.progress";
        readonly data: {
          readonly progress?: number;
          readonly status?: string;
          readonly details?: Readonly<Record<string, Json>>;
        };
      }
    | {
        readonly type: "dev.afoot.succeeded";
        readonly data: { readonly label?: string; readonly details: Readonly<Record<string, Json>> };
      }
    | {
        readonly type: "dev.afoot.failed";
        readonly data: {
          readonly error: { readonly code: string; readonly message: string; readonly retryable?: boolean };
        };
      }
    | { readonly type: "dev.afoot.received"; readonly data: { readonly name: string; readonly value: Json } }
  );

type ValidatedDetails =
  | { readonly details: JsonText; readonly issues?: undefined }
  | { readonly issues: readonly Issue[]; readonly details?: undefined };

/** Validates the details with which an external process ends an operation against the type's schema. */
export async function validateDetails(
  { details }: ResourceType,
  value: unknown,
  pointer: string,
): Promise<ValidatedDetails> {
  const validated = await validateToJson(details.schema, value, pointer);
  if (validated.issues !== undefined) return { issues: validated.issues };
  if (!isJsonObject(validated.value)) return { issues: [{ pointer, detail: "must be an object" }] };
  const issues = reservedFields(validated.value, pointer);
  return issues.length > 0 ? { issues } : { details: validated.text };
}
