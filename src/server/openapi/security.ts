import type { ServerOptions } from "../options.ts";
import type { ComponentsObject, OpenApiDocument } from "./open-api.ts";

interface Security extends Pick<OpenApiDocument, "security"> {
  readonly securitySchemes: Pick<ComponentsObject, "securitySchemes">;
}

/** What a 401 asks for. */
export function securityOf({ authenticate, challenge }: ServerOptions): Security {
  if (authenticate === undefined) return { security: [], securitySchemes: {} };
  const [scheme = "bearer"] = challenge.trim().toLowerCase().split(/\s/);
  return {
    security: [{ credentials: [] }],
    securitySchemes: {
      securitySchemes: {
        credentials: { type: "http", scheme, description: "Sent in `Authorization` with every request." },
      },
    },
  };
}
