import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { StepRun } from "afoot";
import { folderOf } from "../demo.ts";

/** Base path of a service's socket (.sock) and database (.db). The permissions of the folder protect them. */
export const basePathOf = (service: string): string => join(folderOf("orders"), service);

/** Sends a request to a service (PUT), or undoes it (DELETE). Returns the key. Throws unless the service has committed it. */
export type Call = (service: string, method: "PUT" | "DELETE", run: StepRun, body?: object) => Promise<string>;

/** The services, as an object so that a test can replace them. */
export const services: { call: Call } = { call };

async function call(service: string, method: "PUT" | "DELETE", run: StepRun, body?: object): Promise<string> {
  const { idempotencyKey: key, signal } = run;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { socketPath: `${basePathOf(service)}.sock`, path: `/${key}`, method, agent: false, signal };
    request(options, resolve).on("error", reject).end(JSON.stringify(body));
  });
  const reply = await text(response);
  if (response.statusCode !== 204) throw new Error(`the ${service} service returned ${response.statusCode}: ${reply}`);
  return key;
}
