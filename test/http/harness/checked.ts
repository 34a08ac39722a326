import type { Handler } from "../../../src/server/routing/handler.ts";
import type { TrafficCheck } from "../../contract/traffic.ts";

/** A handler whose responses are all checked against the OpenAPI document. */
export function checked(handler: Handler, check: TrafficCheck, faults: unknown[]): Handler {
  const handle: Handler = Object.assign(
    async (request: Parameters<Handler>[0]) => {
      const response = await handler(request);
      // The API of the dashboard is internal and in no document.
      if (request.path.startsWith("/api/dashboard/")) return response;
      const headers = new Headers();
      for (let index = 0; index + 1 < response.headers.length; index += 2) {
        headers.append(response.headers[index] ?? "", response.headers[index + 1] ?? "");
      }
      const url = request.path + (request.query === "" ? "" : `?${request.query}`);
      const body = typeof response.body === "string" ? response.body : "";
      faults.push(...check({ method: request.method, url, status: response.status, headers, body }));
      return response;
    },
    { close: handler.close },
  );
  return handle;
}
