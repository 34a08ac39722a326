import { schemesOf } from "../access/access.ts";
import type { ServerOptions } from "../options.ts";
import type { ComponentsObject, OpenApiDocument } from "./open-api.ts";

interface Security extends Pick<OpenApiDocument, "security"> {
  readonly securitySchemes: Pick<ComponentsObject, "securitySchemes">;
}

/** Returns the security schemes named in `WWW-Authenticate`. */
export function securityOf(options: ServerOptions): Security {
  if (options.authenticate === undefined) return { security: [], securitySchemes: {} };
  const schemes = schemesOf(options).map((scheme) => {
    const description = "Sent in `Authorization` with every request.";
    return [scheme, { type: "http", scheme, description }] as const;
  });
  return {
    security: schemes.map(([name]) => ({ [name]: [] })),
    securitySchemes: { securitySchemes: Object.fromEntries(schemes) },
  };
}
