import type { ServerOptions } from "../../options.ts";
import { headers } from "../headers.ts";
import type { Content, OperationObject, PathItem, Response } from "../open-api.ts";
import { parameters } from "../parameters.ts";
import { commonProblems, problems, WRITE_PROBLEMS } from "../problem-responses.ts";
import type { Components } from "../schemas/components.ts";
import { messageSchema, type MessageSchemaName } from "../schemas/message-schemas.ts";

export const OUTSIDE_TAG = {
  name: "Background processes",
  description: "For processes that do the work, not for clients.",
};

/** What is asked for by {@link outsidePaths}. */
export interface OutsideParts {
  readonly components: Components;
  readonly options: ServerOptions;
  readonly operationId: (preferred: string) => string;
}

/** Status messages and worker requests, where the options say that they are taken. */
export function outsidePaths(parts: OutsideParts): readonly (readonly [string, PathItem])[] {
  const { basePath, messages, worker } = parts.options;
  return [
    ...(messages ? [[`${basePath}/messages`, { post: postMessages(parts) }] as const] : []),
    ...(worker ? REQUESTS : []).map(
      (request) => [`${basePath}/worker/${request.kind}`, { post: ask(parts, request) }] as const,
    ),
  ];
}

function postMessages({ components, options, operationId }: OutsideParts): OperationObject {
  const message = messageSchema(components, "status");
  const batch = { type: "array", minItems: 1, items: message } as const;
  return {
    operationId: operationId("postMessages"),
    tags: [OUTSIDE_TAG.name],
    summary: "Says how it goes: one CloudEvent, or several",
    description:
      "For operations that are done by outside processes. Of several messages those that can be applied are, and each of the others is named by its place. " +
      "The same message may be posted again.",
    requestBody: {
      required: true,
      content: {
        "application/cloudevents+json": { schema: message, examples: { example: { value: EXAMPLE } } },
        "application/cloudevents-batch+json": { schema: batch, examples: { example: { value: [EXAMPLE] } } },
        "application/json": { schema: { oneOf: [message, batch] }, examples: { example: { value: EXAMPLE } } },
      },
    },
    responses: {
      "202": { description: "Everything that the messages say is committed" },
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
  /** Left out: it is taken, and not answered. */
  readonly reply?: MessageSchemaName;
}

const REPEAT = "Repeat it until it is answered; it may come twice.";

const REQUESTS: readonly WorkerRequest[] = [
  {
    kind: "claim",
    summary: "Asks for operations to work on",
    description: `${REPEAT} The same number gets the same operations. With \`Prefer: wait=N\` it is held until something is due.`,
    reply: "claimReply",
  },
  {
    kind: "record",
    summary: "Says what a step came to",
    description: `Answered after the commit. ${REPEAT}`,
    reply: "recordReply",
  },
  {
    kind: "end",
    summary: "Says how an attempt ended",
    description: `Answered after the commit. ${REPEAT}`,
    reply: "endReply",
  },
  {
    kind: "beat",
    summary: "Says that the worker lives, and what it holds",
    description: "Every few seconds. Is answered what to cancel and what to drop.",
    reply: "beatReply",
  },
  {
    kind: "progress",
    summary: "Says how far an attempt is",
    description: "The latest value of every field. May be lost: the next one carries it.",
  },
];

function ask(
  { components, options, operationId }: OutsideParts,
  { kind, summary, description, reply }: WorkerRequest,
): OperationObject {
  const isHeld = kind === "claim";
  const body = (name: MessageSchemaName): Content => ({
    "application/json": { schema: messageSchema(components, name) },
  });
  const answered: Response =
    reply === undefined
      ? { description: "Taken" }
      : {
          description: "The answer",
          ...(isHeld ? { headers: headers(components, ["Preference-Applied"]) } : {}),
          content: body(reply),
        };
  return {
    operationId: operationId(`worker${kind.charAt(0).toUpperCase()}${kind.slice(1)}`),
    tags: [OUTSIDE_TAG.name],
    summary,
    description,
    ...(isHeld ? { parameters: parameters(components, ["PreferClaim"]) } : {}),
    requestBody: { required: true, content: body(kind) },
    responses: {
      [reply === undefined ? "202" : "200"]: answered,
      ...problems(components, [...commonProblems(options), ...WRITE_PROBLEMS, "Invalid"]),
    },
  };
}
