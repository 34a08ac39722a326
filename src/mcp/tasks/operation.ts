import { isJsonObject } from "../../core/json/json.ts";
import type { ApiReply } from "../api.ts";
import type { Call } from "../call.ts";
import type { TaskReference } from "./task-id.ts";

/** An operation as the API shows it. */
export interface ShownOperation {
  readonly status: "Running" | "Succeeded" | "Failed" | "Canceled";
  readonly error: { readonly code: string; readonly message: string } | undefined;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly awaiting: readonly { readonly name: string; readonly number: number }[];
  readonly retryAfter: number | undefined;
}

/**
 * Reads an operation. Returns undefined if it does not exist for the principal.
 *
 * @throws ApiFailure for any other rejection
 */
export async function readOperation(
  { api }: Pick<Call, "api">,
  { operation, collection, id }: TaskReference,
): Promise<ShownOperation | undefined> {
  const reply = await api({
    method: "GET",
    path: `operations/${operation}`,
    query: { resource: `${collection}/${id}` },
  });
  if (isMissing(reply)) return undefined;
  if (reply.status !== 200) throw new ApiFailure(reply);
  return shownOperation(reply);
}

/** True if the API does not know the target, or does not let the principal know it. */
export function isMissing({ status }: ApiReply): boolean {
  return status === 404 || status === 400;
}

/** A reply that the caller cannot use. */
export class ApiFailure extends Error {
  override readonly name = "ApiFailure";
  readonly reply: ApiReply;

  constructor(reply: ApiReply) {
    super(`The API responded with ${reply.status}.`);
    this.reply = reply;
  }
}

function shownOperation({ body, header }: ApiReply): ShownOperation {
  const { status, error, createdAt, updatedAt, awaiting } = body;
  const retryAfter = Number(header("retry-after"));
  const messages = (Array.isArray(awaiting) ? awaiting : []).flatMap((each: unknown) =>
    isJsonObject(each) ? [{ name: String(each["name"]), number: Number(each["number"]) }] : [],
  );
  return {
    status: status === "Succeeded" || status === "Failed" || status === "Canceled" ? status : "Running",
    error: isJsonObject(error) ? { code: String(error["code"]), message: String(error["message"]) } : undefined,
    createdAt: String(createdAt),
    updatedAt: String(updatedAt),
    awaiting: messages,
    retryAfter: Number.isFinite(retryAfter) ? retryAfter : undefined,
  };
}
