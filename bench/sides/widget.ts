import { z } from "zod";
import { Connection } from "../http/connection.ts";

const REPRESENTATION = z.looseObject({ id: z.string(), status: z.string() });

export const BODY = JSON.stringify({ configuration: { size: "large" } });
export const JSON_HEADERS = { "Content-Type": "application/json" };

/** Creates a widget, follows it until it is Ready, and returns its id. */
export async function makeWidget(origin: string): Promise<string> {
  const connection = new Connection(origin);
  const { location = "" } = await connection.request("POST", "/api/widgets", BODY);
  for (;;) {
    const { id, status } = REPRESENTATION.parse(JSON.parse((await connection.request("GET", location)).body));
    if (status !== "Ready") continue;
    connection.close();
    return id;
  }
}
