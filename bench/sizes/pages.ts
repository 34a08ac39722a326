import { z } from "zod";
import { Connection } from "../http/connection.ts";
import { median, type Round } from "../measure.ts";

const PAGE = z.looseObject({ next: z.string().nullish() });

/** Number of the page that represents deep paging. */
const DEEP_PAGE = 20;

const REQUESTS_PER_PAGE = 30;

export type Page =
  | "first page"
  | `page ${number}`
  | "filtered by status"
  | "filtered by a status that nothing has"
  | "dashboard";

/** Measures the time of each kind of page, one request at a time. */
export async function pageTimes(origin: string): Promise<readonly (readonly [Page, Round])[]> {
  const connection = new Connection(origin);
  const first = "/api/widgets?limit=50";
  let deep = first;
  for (let page = 1; page < DEEP_PAGE; page++) {
    const { next } = PAGE.parse(JSON.parse((await connection.request("GET", deep)).body));
    if (typeof next === "string") deep = next.startsWith("/") ? next : `${first}&after=${encodeURIComponent(next)}`;
  }
  const pages: readonly (readonly [Page, string])[] = [
    ["first page", first],
    [`page ${DEEP_PAGE}`, deep],
    ["filtered by status", `${first}&status=Ready`],
    ["filtered by a status that nothing has", `${first}&status=Failed`],
    ["dashboard", "/api/dashboard/overview"],
  ];
  const timed: (readonly [Page, Round])[] = [];
  for (const [name, path] of pages) timed.push([name, await timeOf(connection, path)]);
  connection.close();
  return timed;
}

async function timeOf(connection: Connection, path: string): Promise<Round> {
  const times: number[] = [];
  for (let time = 0; time < REQUESTS_PER_PAGE; time++) {
    const startedAt = performance.now();
    await connection.request("GET", path);
    times.push(performance.now() - startedAt);
  }
  return { p50Ms: median(times), longestMs: Math.max(...times) };
}
