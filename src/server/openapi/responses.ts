import { headers, pacingHeader } from "./headers.ts";
import { resourceLinks } from "./links.ts";
import type { Content, Header, Reference, Response } from "./open-api.ts";
import { representationRef, selectableRef } from "./schemas/representation-schema.ts";
import type { Scope } from "./scope.ts";

const JSON_TYPE = "application/json";

/** Describes the `Location` of a response to a write. */
function location({ words }: Scope): Header {
  return { description: `URI to poll for ${words.short} status`, schema: { type: "string", format: "uri-reference" } };
}

type Headers = Readonly<Record<string, Header | Reference>>;

/** Describes the 202 of a write: an operation was accepted, or the request concerns the one in progress. */
export function acceptedResponse(scope: Scope, description: string): Response {
  const { components, options, examples } = scope;
  return {
    description,
    headers: {
      Location: location(scope),
      "Retry-After": pacingHeader(components),
      ...headers(components, [
        "ETag",
        "Preference-Applied",
        ...(options.operations ? (["Operation-Location"] as const) : []),
      ]),
    },
    content: {
      [JSON_TYPE]: {
        schema: representationRef(scope),
        ...(Object.keys(examples.accepted).length === 0 ? {} : { examples: examples.accepted }),
      },
    },
    links: resourceLinks(scope),
  };
}

/** Describes the 200 or 201 of a write: settled within the requested wait, or nothing to do. */
export function settledResponse(scope: Scope, description: string): Response {
  const { components } = scope;
  return {
    description,
    headers: {
      Location: location(scope),
      "Retry-After": pacingHeader(components),
      ...headers(components, ["ETag", "Preference-Applied"]),
    },
    content: { [JSON_TYPE]: { schema: representationRef(scope) } },
  };
}

/** Describes the 200 of a GET or HEAD of the resource. */
export function shownResponse(scope: Scope, hasBody: boolean): Response {
  return {
    description: `Current status and details of the ${scope.words.name}`,
    headers: shownHeaders(scope),
    ...(hasBody ? { content: shownContent(scope) } : {}),
  };
}

/** Describes the 304 of a GET or HEAD of the resource. */
export function notModifiedResponse(scope: Scope): Response {
  const { "Last-Modified": _, ...shown } = shownHeaders(scope);
  return { description: "The state is the one that `If-None-Match` identifies.", headers: shown };
}

function shownHeaders({ components }: Scope): Headers {
  return {
    "Retry-After": pacingHeader(components),
    ...headers(components, ["ETag", "Last-Modified", "Preference-Applied"]),
  };
}

function shownContent(scope: Scope): Content {
  const { examples, words } = scope;
  return {
    [JSON_TYPE]: {
      schema: selectableRef(scope),
      ...(Object.keys(examples.states).length === 0 ? {} : { examples: examples.states }),
    },
    "text/event-stream": {
      schema: {
        type: "string",
        description:
          `Server-sent events: \`resource\` with each new state of the ${words.name} as data and its ETag as id, the last one settled; ` +
          "`deleted` once it is deleted.",
      },
    },
  };
}
