/** A widget of the hand-built APIs. */
export interface Widget {
  readonly id: string;
  readonly status: string;
  readonly configuration: unknown;
  readonly progress: number | null;
  readonly serial: string | null;
}

export const PROGRESS: readonly number[] = [0.25, 0.5, 0.75];

export function toRepresentation({ id, status, configuration, progress, serial }: Widget): Record<string, unknown> {
  return {
    id,
    status,
    configuration,
    ...(progress === null ? {} : { progress: `${Math.floor(progress * 100)}%` }),
    ...(serial === null ? {} : { serial }),
  };
}

/** JSON Schema of the request body. Fastify compiles it once. */
export const BODY = {
  type: "object",
  required: ["configuration"],
  additionalProperties: false,
  properties: {
    configuration: {
      type: "object",
      required: ["size"],
      additionalProperties: false,
      properties: { size: { type: "string" } },
    },
  },
} as const;
