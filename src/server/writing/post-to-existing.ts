import type { ResourceType } from "../../core/definition/resource-type.ts";
import type { Resource } from "../../core/resource.ts";
import { present } from "../access/visibility.ts";
import type { Endpoint, EndpointContext, EndpointRequest } from "../context.ts";
import { parseOptional } from "../request/body.ts";
import { checkPreconditions } from "../request/conditional.ts";
import { invalid, unknownFields } from "../request/configuration.ts";
import { readWrite } from "./write-request.ts";
import type { Answers } from "./write-responses.ts";
import { type Intent, write } from "./write.ts";

/** A POST to something below an existing resource. */
export interface PostToExisting<Prepared> {
  readonly serving: EndpointContext;
  readonly type: ResourceType;
  readonly answers: Answers;
  /** Reads the body, `{}` where it is left out. @throws Refusal `validation` */
  readonly prepare: (body: unknown) => Prepared | Promise<Prepared>;
  readonly decide: (prepared: Prepared, before: Resource, call: EndpointRequest) => Intent;
}

/** Makes the endpoint of a POST that changes an existing resource: what cancel, retry, actions and messages share. */
export function postToExisting<Prepared>({
  serving,
  type,
  answers,
  prepare,
  decide,
}: PostToExisting<Prepared>): Endpoint {
  return async (call) => {
    const { body, repeatable, preferences, preconditions } = await readWrite(serving, call);
    const written = await write(serving, {
      type,
      call,
      repeatable,
      retryAfter: answers.retryAfter,
      prepare: () => prepare(parseOptional(body, serving.options)),
      decide: (prepared, row) => {
        const before = present(row, type);
        checkPreconditions(preconditions, before, answers.show);
        return decide(prepared, before, call);
      },
    });
    return answers.preferred(call, written, preferences, 200);
  };
}

/** The `prepare` of a request that takes no body. @throws Refusal `validation` */
export function nothing(body: unknown): void {
  const issues = unknownFields(body, []);
  if (issues.length > 0) throw invalid(issues);
}
