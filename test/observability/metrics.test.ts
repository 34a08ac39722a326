import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { followed, send } from "../support/exchange.ts";

const app = join(import.meta.dirname, "app.ts");

/** Returns the value of the series with all these labels. */
function valueOf(text: string, name: string, labels: Record<string, string> = {}): number {
  const line = text
    .split("\n")
    .find(
      (each) =>
        (each.startsWith(`${name}{`) || each.startsWith(`${name} `)) &&
        Object.entries(labels).every(([label, value]) => each.includes(`${label}="${value}"`)),
    );
  return Number(line?.slice(line.lastIndexOf(" ")) ?? NaN);
}

test("/metrics counts all operations of a server, and those pending in its store", async () => {
  await using folder = await temporaryFolder();
  await using server = await startAfoot({ app, folder: folder.path, environment: { AFOOT_LOG_LEVEL: "debug" } });
  const create = async (path: string, configuration: object): Promise<string> => {
    const { headers } = await send(`${server.origin}/api/${path}`, "POST", { configuration });
    return server.origin + (headers.get("Location") ?? "");
  };
  const url = await create("orders", { item: "book" });
  await send(`${url}/approval`, "POST", { by: "Ada" });
  await followed(url);
  await create("machines", { ram: "16GB" });
  await send(`${server.origin}/api/orders/unknown`, "GET");
  await send(`${server.origin}/api/nothing`, "GET");
  for (const method of ["PROPFIND", "MKCOL", "PURGE"]) await send(`${server.origin}/api/orders`, method);
  await send(`${server.origin}/api/messages`, "POST", { specversion: "0.9" });

  const response = await fetch(`${server.origin}/metrics`);
  assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  await response.body?.cancel();
  // Counts are cached for a short time, and each scrape resets the lag, which is 0 until it is measured again.
  const text = await eventually("the machine in progress to be counted", async () => {
    const scraped = await (await fetch(`${server.origin}/metrics`)).text();
    const isCounted = !Number.isNaN(valueOf(scraped, "afoot_resources_in_progress", { afoot_type: "machine" }));
    return isCounted && valueOf(scraped, "nodejs_eventloop_lag_max_seconds") > 0 && scraped;
  });
  const requests = "http_server_request_duration_seconds_count";
  const route = "/api/orders/{id}";
  const expected: readonly (readonly [name: string, labels: Record<string, string>, value: number])[] = [
    [requests, { http_request_method: "POST", http_route: "/api/orders", http_response_status_code: "202" }, 1],
    [requests, { http_request_method: "GET", http_route: route, http_response_status_code: "404" }, 1],
    [requests, { http_route: "", http_response_status_code: "404" }, 1],
    ["afoot_attempts_total", { afoot_type: "order", afoot_kind: "create", afoot_outcome: "failed" }, 1],
    ["afoot_attempts_total", { afoot_type: "order", afoot_outcome: "succeeded" }, 1],
    ["afoot_operation_duration_seconds_count", { afoot_type: "order", afoot_state: "succeeded" }, 1],
    ["afoot_resources_in_progress", { afoot_type: "machine", afoot_status: "Provisioning" }, 1],
    ["afoot_status_messages_total", { afoot_result: "refused" }, 1],
    ["afoot_step_duration_seconds_count", { afoot_step: "pack", afoot_call: "step", afoot_outcome: "done" }, 1],
    ["afoot_queue_age_seconds", { afoot_type: "order" }, 0],
    ["afoot_requests_waiting", {}, 0],
    ["afoot_streams", {}, 0],
  ];
  for (const [name, labels, value] of expected) {
    assert.equal(valueOf(text, name, labels), value, `${name} ${JSON.stringify(labels)}`);
  }
  for (const name of [
    "afoot_claims_total",
    "afoot_store_commit_size_count",
    "process_resident_memory_bytes",
    "nodejs_eventloop_lag_max_seconds",
  ]) {
    assert.ok(valueOf(text, name) > 0, name);
  }
  assert.doesNotMatch(text, /unknown|PROPFIND|MKCOL|PURGE/, "an id or a method of a client became a label");
  // The log identifies the same operation by its ids.
  const id = url.slice(url.lastIndexOf("/") + 1);
  const ended = server
    .log()
    .split("\n")
    .find((line) => line.includes("operation ended") && line.includes(id));
  assert.match(ended ?? "", /"state":"succeeded"/);
  assert.equal(await server.stop(), 0);
});
