import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { StepRun } from "afoot";
import { folderOf } from "../demo.ts";

/** Where a service listens (.sock) and keeps its books (.db): as private as the folder is. */
export const placeOf = (service: string): string => join(folderOf("orders"), service);

/** Asks a service for something (PUT), or takes it back (DELETE), and gives the key. Throws unless the service has committed it. */
export async function call(service: string, method: "PUT" | "DELETE", run: StepRun, body?: object): Promise<string> {
  const { idempotencyKey: key, signal } = run;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { socketPath: `${placeOf(service)}.sock`, path: `/${key}`, method, agent: false, signal };
    request(options, resolve).on("error", reject).end(JSON.stringify(body));
  });
  const said = await text(response);
  if (response.statusCode !== 204) throw new Error(`the ${service} service answered ${response.statusCode}: ${said}`);
  return key;
}
