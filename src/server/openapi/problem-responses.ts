import type { ResourceType } from "../../core/definition/resource-type.ts";
import { type ProblemCode, PROBLEMS } from "../../core/problem.ts";
import type { ServerOptions } from "../options.ts";
import { type HeaderName, headers } from "./headers.ts";
import type { Response, Responses } from "./open-api.ts";
import type { Components } from "./schemas/components.ts";
import { problemSchema } from "./schemas/problem-schemas.ts";
import { capital, either } from "./words.ts";

interface ProblemGroup {
  readonly codes: readonly [ProblemCode, ...ProblemCode[]];
  readonly headers?: readonly HeaderName[];
}

/** Groups of problems that share a documented response. All codes of a group have one HTTP status. */
const GROUPS = {
  BadRequest: { codes: ["malformed-json", "malformed-path", "invalid-query", "invalid-header", "invalid-cursor"] },
  Unauthenticated: { codes: ["unauthenticated"], headers: ["WWW-Authenticate"] },
  Forbidden: { codes: ["forbidden"] },
  NotFound: { codes: ["resource-not-found", "resource-deleted"] },
  OperationNotFound: { codes: ["operation-not-found"] },
  MethodNotAllowed: { codes: ["method-not-allowed"], headers: ["Allow"] },
  NotAcceptable: { codes: ["not-acceptable"] },
  RequestTimeout: { codes: ["request-timeout"] },
  OperationInProgress: { codes: ["operation-in-progress"], headers: ["Retry-After"] },
  Settled: { codes: ["settled"] },
  NotCancellable: { codes: ["settled", "delete-in-progress"], headers: ["Retry-After"] },
  NotRetryable: { codes: ["not-retryable", "operation-in-progress"], headers: ["Retry-After"] },
  PreconditionFailed: { codes: ["precondition-failed"] },
  BodyTooLarge: { codes: ["body-too-large"] },
  MessageTooLarge: { codes: ["body-too-large", "operation-too-large"] },
  MessageRefused: { codes: ["settled", "not-external", "operation-claimed"] },
  UnsupportedMediaType: { codes: ["unsupported-media-type"] },
  Invalid: { codes: ["validation", "idempotency-key-reused"] },
  PreconditionRequired: { codes: ["precondition-required"] },
  TooManyInProgress: { codes: ["too-many-in-progress"], headers: ["Retry-After"] },
  Internal: { codes: ["internal"] },
  Unavailable: {
    codes: ["overloaded", "store-unavailable", "broker-unavailable", "authentication-unavailable"],
    headers: ["Retry-After"],
  },
  StoreFull: { codes: ["store-full"], headers: ["Retry-After"] },
} as const satisfies Record<string, ProblemGroup>;

export type ProblemGroupName = keyof typeof GROUPS;

/** Returns the problems that any request may get. */
export function commonProblems({ authenticate, authorize }: ServerOptions): readonly ProblemGroupName[] {
  return [
    "BadRequest",
    ...(authenticate === undefined ? [] : (["Unauthenticated"] as const)),
    ...(authenticate === undefined || authorize === undefined ? [] : (["Forbidden"] as const)),
    "NotAcceptable",
    "Internal",
    "Unavailable",
  ];
}

/** Problems that any write may get, including one from a page of another origin. */
export const WRITE_PROBLEMS = [
  "Forbidden",
  "RequestTimeout",
  "BodyTooLarge",
  "UnsupportedMediaType",
  "StoreFull",
] as const satisfies ProblemGroupName[];

/** Returns the additional problems of requests that start an operation. */
export function limitProblems(
  { maxInProgress }: ResourceType,
  { authenticate }: ServerOptions,
): readonly ProblemGroupName[] {
  // With authentication, each principal has a limit.
  return maxInProgress === undefined && authenticate === undefined ? [] : ["TooManyInProgress"];
}

/** Returns references to problem responses by HTTP status. If two groups share a status, the first wins. */
export function problems(components: Components, names: readonly ProblemGroupName[]): Responses {
  const byStatus = new Map<string, ProblemGroupName>();
  for (const name of names) {
    const status = String(PROBLEMS[GROUPS[name].codes[0]][0]);
    if (!byStatus.has(status)) byStatus.set(status, name);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, name]) => [status, components.response(name, () => response(components, name))]),
  );
}

function response(components: Components, name: ProblemGroupName): Response {
  const { codes, headers: names = [] }: ProblemGroup = GROUPS[name];
  const titles = codes.map((code) => PROBLEMS[code][1].toLowerCase());
  return {
    description: `${capital(either(titles))}: ${codes.map((code) => `\`${code}\``).join(", ")}.`,
    ...(names.length === 0 ? {} : { headers: headers(components, names) }),
    content: {
      "application/problem+json": {
        schema: {
          allOf: [
            components.schema("", "Problem", problemSchema),
            { properties: { status: { const: PROBLEMS[codes[0]][0] }, code: { enum: codes } } },
          ],
        },
      },
    },
  };
}
