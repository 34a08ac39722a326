import { createRequire } from "node:module";
import type { Ajv2020, ErrorObject, ValidateFunction } from "ajv/dist/2020.js";
import { RESERVED_FIELDS } from "../../core/definition/define-resource.ts";
import type { ResourceType } from "../../core/definition/resource-type.ts";
import { AfootError } from "../../core/errors.ts";
import { isJsonObject, type JsonText } from "../../core/json/json.ts";
import type { Json } from "../../core/json/json.ts";
import { type Issue, validate } from "../../core/json/schema.ts";
import schemas from "../../core/ports/messages.schema.json" with { type: "json" };
import type { ProgressMessage, WorkerRequestKind, WorkerRequests, StatusMessage } from "../../core/ports/messages.ts";

interface Checked {
  claim: WorkerRequests["claim"]["request"];
  record: WorkerRequests["record"]["request"];
  end: WorkerRequests["end"]["request"];
  beat: WorkerRequests["beat"]["request"];
  progress: ProgressMessage;
  status: OutsideMessage;
}

/** A message of another process that is not as the schemas say. The sender's mistake: sent again, it is the same. */
export class InvalidMessageError extends AfootError {
  override readonly name = "InvalidMessageError";
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    const [first = { pointer: "", detail: "is not valid" }] = issues;
    const more = issues.length > 1 ? `, and ${issues.length - 1} more` : "";
    super(
      "invalid-message",
      `The message is not as it must be: ${first.pointer === "" ? "it" : first.pointer} ${first.detail}${more}.`,
    );
    this.issues = issues;
  }
}

let known: Ajv2020 | undefined;

/** Loaded at its first use, which takes longer than many a start: a server that hears no other process needs none. */
function ajv(): Ajv2020 {
  if (known !== undefined) return known;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the package says so itself
  const loaded = createRequire(import.meta.url)("ajv/dist/2020.js") as { Ajv2020: typeof Ajv2020 };
  known = new loaded.Ajv2020({ allErrors: true, discriminator: true, allowUnionTypes: true });
  known.addSchema(schemas);
  return known;
}

/** Compiled at its first use. */
function validator<Kind extends keyof Checked>(kind: Kind): ValidateFunction<Checked[Kind]> {
  const found = ajv().getSchema<Checked[Kind]>(`${schemas.$id}#/$defs/${kind}`);
  if (found === undefined) throw new RangeError(`there is no schema of ${kind}`);
  return found;
}

/** Gives the message of another process back as what it is. @throws InvalidMessageError with every fault */
export function checkedMessage<Kind extends keyof Checked>(kind: Kind, message: unknown): Checked[Kind] {
  const validate = validator(kind);
  if (validate(message)) return message;
  throw new InvalidMessageError((validate.errors ?? []).map(issueOf));
}

function issueOf({ instancePath, message = "is not valid", params, keyword }: ErrorObject): Issue {
  const { tag, missingProperty }: { tag?: unknown; missingProperty?: unknown } = params;
  if (keyword === "discriminator") {
    return { pointer: `${instancePath}/${String(tag)}`, detail: "is none of those that are known" };
  }
  if (keyword === "required") return { pointer: `${instancePath}/${String(missingProperty)}`, detail: "is missing" };
  const allowed: unknown = params["allowedValue"] ?? params["allowedValues"] ?? params["additionalProperty"];
  return { pointer: instancePath, detail: allowed === undefined ? message : `${message}: ${JSON.stringify(allowed)}` };
}

/** The request of a worker, its JSON texts in it checked too, for clients are shown them as they are. @throws InvalidMessageError */
export function checkedRequest<Kind extends WorkerRequestKind>(
  kind: Kind,
  message: unknown,
): WorkerRequests[Kind]["request"] {
  return { ...checkedMessage(kind, message), ...checkedTexts(message) };
}

/** @throws InvalidMessageError */
export function checkedProgress(message: unknown): ProgressMessage {
  return { ...checkedMessage("progress", message), ...checkedTexts(message) };
}

/** The JSON texts of a message that has any, as JSON itself writes them. */
function checkedTexts(message: unknown): object {
  if (!isJsonObject(message)) return {};
  const { result, details, progress } = message;
  return {
    ...(typeof result === "string" ? { result: checkedText(result, "/result") } : {}),
    ...(typeof details === "string" ? { details: checkedDetails(details) } : {}),
    ...(Array.isArray(progress) ? { progress: progress.map(checkedProgress) } : {}),
  };
}

function checkedDetails(text: string): JsonText {
  const details = parsed(text, "/details");
  if (!isJsonObject(details)) {
    throw new InvalidMessageError([{ pointer: "/details", detail: "is not the JSON of an object" }]);
  }
  const issues = reservedFields(details, "/details");
  if (issues.length > 0) throw new InvalidMessageError(issues);
  return JSON.stringify(details);
}

/** The fields of details that every representation has already. */
export function reservedFields(details: object, pointer: string): readonly Issue[] {
  return Object.keys(details)
    .filter((field) => RESERVED_FIELDS.has(field))
    .map((field) => ({
      pointer: `${pointer}/${field}`,
      detail: "is a field of every representation; choose another name",
    }));
}

function checkedText(text: string, pointer: string): JsonText {
  return JSON.stringify(parsed(text, pointer));
}

function parsed(text: string, pointer: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidMessageError([{ pointer, detail: "is not a JSON text" }]);
  }
}

type Envelope = Omit<StatusMessage, "type" | "data">;

/** A status message that is as the schemas say. */
export type OutsideMessage = Envelope &
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

type OutsideDetails =
  | { readonly details: JsonText; readonly issues?: undefined }
  | { readonly issues: readonly Issue[]; readonly details?: undefined };

/** The details with which an outside process ends an operation, as the type's schema has them. */
export async function outsideDetails(
  { details }: ResourceType,
  value: unknown,
  pointer: string,
): Promise<OutsideDetails> {
  const validated = await validate(details.schema, value, pointer);
  if (validated.issues !== undefined) return { issues: validated.issues };
  if (!isJsonObject(validated.value)) return { issues: [{ pointer, detail: "must be an object" }] };
  const issues = reservedFields(validated.value, pointer);
  return issues.length > 0 ? { issues } : { details: JSON.stringify(validated.value) };
}
