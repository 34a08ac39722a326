import type { ServerOptions } from "../../options.ts";
import { headers } from "../headers.ts";
import type { Content, OperationObject, PathItem, Response } from "../open-api.ts";
import { parameters } from "../parameters.ts";
import { commonProblems, problems, WRITE_PROBLEMS } from "../problem-responses.ts";
import type { Components } from "../schemas/components.ts";
import { messageSchema, type MessageSchemaName } from "../schemas/message-schemas.ts";
import { capital } from "../words.ts";

export const EXTERNAL_TAG = {
  name: "Background processes",
  description: "For processes that run the work, not for clients.",
};

/** Dependencies of {@link externalPaths}. */
export interface ExternalPathsParts {
  readonly components: Components;
  readonly options: ServerOptions;
  readonly operationId: (preferred: string) => string;
}

/** Returns the paths of status messages and worker requests that the options enable. */
export function externalPaths(parts: ExternalPathsParts): readonly (readonly [string, PathItem])[] {
  const { basePath, messages, worker } = parts.options;
  return [
    ...(messages ? [[`${basePath}/messages`, { post: postMessages(parts) }] as const] : []),
    ...(worker ? REQUESTS : []).map(
      (request) => [`${basePath}/worker/${request.kind}`, { post: workerRequestOperation(parts, request) }] as const,
    ),
  ];
}

function postMessages({ components, options, operationId }: ExternalPathsParts): OperationObject {
  const message = messageSchema(components, "status");
  const batch = { type: "array", minItems: 1, items: message } as const;
  return {
    operationId: operationId("postMessages"),
    tags: [EXTERNAL_TAG.name],
    summary: "Posts status messages: one CloudEvent, or several",
    description:
      "For operations of external processes. All applicable messages of a batch are applied; the response names each other one by its " +
      "index. The same message may be posted again.",
    requestBody: {
      required: true,
      content: {
        "application/cloudevents+json": { schema: message, examples: { example: { value: EXAMPLE } } },
        "application/cloudevents-batch+json": { schema: batch, examples: { example: { value: [EXAMPLE] } } },
        "application/json": { schema: { oneOf: [message, batch] }, examples: { example: { value: EXAMPLE } } },
      },
    },
    responses: {
      "202": { description: "The messages are committed" },
      ...problems(components, [
        "NotFound",
        "MessageRefused",
        "MessageTooLarge",
        ...commonProblems(options),
        ...WRITE_PROBLEMS,
        "Invalid",
      ]),
    },
  };
}

const EXAMPLE = {
  specversion: "1.0",
  id: "1",
  source: "/hypervisor/7",
  type: "dev.afoot.progress",
  subject: "virtual-machine/67890",
  time: "2026-01-01T12:00:00Z",
  data: { progress: 0.5 },
};

interface WorkerRequest {
  readonly kind: "claim" | "record" | "end" | "beat" | "progress";
  readonly summary: string;
  readonly description: string;
  /** Schema of the reply. Absent: the request is accepted without a reply. */
  readonly reply?: MessageSchemaName;
}

const REPEAT = "Idempotent: repeat it until there is a reply.";

const REQUESTS: readonly WorkerRequest[] = [
  {
    kind: "claim",
    summary: "Claims operations",
    description: `${REPEAT} The same claim number gets the same operations. With \`Prefer: wait=N\` the request waits until an operation is due.`,
    reply: "claimReply",
  },
  {
    kind: "record",
    summary: "Records the result of a step",
    description: `The reply follows the commit. ${REPEAT}`,
    reply: "recordReply",
  },
  {
    kind: "end",
    summary: "Reports the end of an attempt",
    description: `The reply follows the commit. ${REPEAT}`,
    reply: "endReply",
  },
  {
    kind: "beat",
    summary: "Sends a heartbeat with the claimed operations",
    description: "To be sent every few seconds. The reply lists the operations to cancel and the ones to drop.",
    reply: "beatReply",
  },
  {
    kind: "progress",
    summary: "Reports the progress of an attempt",
    description: "The latest value of every field. A message may be lost: the next one contains it.",
  },
];

function workerRequestOperation(
  { components, options, operationId }: ExternalPathsParts,
  { kind, summary, description, reply }: WorkerRequest,
): OperationObject {
  const mayWait = kind === "claim";
  const body = (name: MessageSchemaName): Content => ({
    "application/json": { schema: messageSchema(components, name) },
  });
  const success: Response =
    reply === undefined
      ? { description: "Accepted" }
      : {
          description: `${capital(kind)} reply`,
          ...(mayWait ? { headers: headers(components, ["Preference-Applied"]) } : {}),
          content: body(reply),
        };
  return {
    operationId: operationId(`worker${capital(kind)}`),
    tags: [EXTERNAL_TAG.name],
    summary,
    description,
    ...(mayWait ? { parameters: parameters(components, ["PreferClaim"]) } : {}),
    requestBody: { required: true, content: body(kind) },
    responses: {
      [reply === undefined ? "202" : "200"]: success,
      ...problems(components, [...commonProblems(options), ...WRITE_PROBLEMS, "Invalid"]),
    },
  };
}
