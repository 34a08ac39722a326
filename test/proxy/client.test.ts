import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createClient, ProblemError } from "afoot/client";
import type app from "./app.ts";
import { type Fixture, noNginx, startFixture } from "./fixture.ts";

const GZIP = ["gzip on;", "gzip_proxied any;", "gzip_min_length 1;", "gzip_types application/json;"];

describe("the client behind a proxy that compresses", { skip: noNginx }, () => {
  let fixture: Fixture;
  before(async () => {
    fixture = await startFixture(GZIP);
  });
  after(() => fixture[Symbol.asyncDispose]());

  it("sends the strong tag of a reply whose tag the proxy has made weak", async () => {
    const sent: string[] = [];
    const received: string[] = [];
    const api = createClient<typeof app>(`${fixture.url}/api`, {
      async fetch(request) {
        const response = await fetch(request);
        const ifMatch = request.headers.get("if-match");
        if (ifMatch !== null) sent.push(ifMatch);
        received.push(response.headers.get("etag") ?? "");
        return response;
      },
    });
    const report = await api.reports.create({ title: "Costs" });
    await report.settled();
    assert.match(received.at(-1) ?? "", /^W\/"/);
    const other = await api.reports.get(report.id);

    await report.update({ title: "Costs, revised" }, { ifUnchanged: true });
    assert.equal((await report.settled()).configuration.title, "Costs, revised");
    const outdated = await other
      .update({ title: "Costs, again" }, { ifUnchanged: true })
      .catch((error: unknown) => error);
    assert.ok(outdated instanceof ProblemError && outdated.code === "precondition-failed");
    await report.delete({ ifUnchanged: true });
    await report.deleted();
    assert.equal(sent.length, 3);
    for (const tag of sent) assert.match(tag, /^"/);
  });
});
