import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, request as httpRequest } from "node:http";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { isPassed } from "../../src/cli/check/check-report.ts";
import { RULES, type RuleName } from "../../src/cli/check/rules.ts";
import { type CheckReport, runCheck } from "../../src/cli/check/run-check.ts";
import { isJsonObject } from "../../src/core/json/json.ts";
import { startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { handWritten } from "./hand-written.ts";
import { FIXTURES, mockOf } from "./mock-fixture.ts";

const MAIN = join(import.meta.dirname, "../../src/cli/main.ts");
const run = promisify(execFile);

const ALL = Object.keys(RULES) as readonly RuleName[];

const ONE = { name: "one" };

async function checked(url: string, body: unknown = ONE, timeoutMs = 20_000): Promise<CheckReport> {
  return runCheck({ url, create: { body }, headers: new Headers(), timeoutMs, keep: false, json: false });
}

function outcomes({ results: verdicts }: CheckReport): Record<string, string> {
  return Object.fromEntries(verdicts.map(({ rule, outcome }) => [rule, outcome]));
}

function failed({ results: verdicts }: CheckReport): readonly string[] {
  return verdicts.filter(({ outcome }) => outcome === "failed").map(({ rule }) => rule);
}

describe("afoot check", { concurrency: true }, () => {
  it("passes every rule on Afoot's own server", async () => {
    await using folder = await temporaryFolder();
    const app = join(import.meta.dirname, "../../examples/app.ts");
    await using server = await startAfoot({ app, folder: folder.path, environment: { AFOOT_DEMO_PACE: "0.02" } });
    const url = `${server.origin}/api/virtual-machines`;
    const report = await checked(url, { configuration: { os: "Linux", ram: "16GB", storage: "256GB SSD" } }, 60_000);
    assert.deepEqual(outcomes(report), Object.fromEntries(ALL.map((rule) => [rule, "passed"])));
    assert.deepEqual(report.notDeleted, []);
  });

  it("passes every rule on a hand-written API, and deletes the resources that it created", async () => {
    await using api = await handWritten();
    const report = await checked(api.url);
    assert.deepEqual(
      report.results.filter(({ outcome }) => outcome !== "passed"),
      [],
    );
    assert.equal(api.count(), 0);
  });

  it("passes every rule behind a proxy that compresses, and appends a suffix to entity tags", async () => {
    await using api = await handWritten();
    const proxy = createServer((request, response) => {
      const { method, url, headers } = request;
      const forwarded = httpRequest(new URL(url ?? "", api.url), { method: method ?? "GET", headers }, (reply) => {
        const { etag, ...others } = reply.headers;
        const tag = etag === undefined ? {} : { etag: etag.replace(/"$/, '-gzip"') };
        response.writeHead(reply.statusCode ?? 0, { ...others, ...tag });
        reply.pipe(response);
      });
      request.pipe(forwarded);
    });
    await once(proxy.listen(0, "127.0.0.1"), "listening");
    const address = proxy.address();
    assert.ok(typeof address === "object" && address !== null);
    const url = new URL(api.url);
    url.port = String(address.port);
    const report = await checked(url.href);
    proxy.close();
    proxy.closeAllConnections();
    assert.deepEqual(
      report.results.filter(({ outcome }) => outcome !== "passed"),
      [],
    );
  });

  for (const rule of ALL) {
    it(`finds an API that breaks ${rule}`, async () => {
      await using api = await handWritten(rule);
      // Only this fault is detected by a timeout.
      const report = await checked(api.url, ONE, rule === "follow.settles" ? 10_000 : 60_000);
      assert.deepEqual(failed(report), [rule]);
      assert.ok(!isPassed(report));
      for (const { outcome, actual, fix } of report.results) {
        assert.equal(outcome === "failed", fix !== undefined);
        assert.ok(outcome === "passed" || actual !== "", "the behaviour found is reported");
      }
    });
  }

  it("reports a missing feature as not supported, which is not a failure", async () => {
    await using mock = await mockOf(join(FIXTURES, "machines.openapi.yaml"));
    const report = await checked(`${mock.origin}/v2/virtual-machines`, { configuration: { os: "BSD" } });
    const byRule = outcomes(report);
    for (const rule of ALL) assert.equal(byRule[rule], RULES[rule].level === "must" ? "passed" : "not supported", rule);
    assert.ok(isPassed(report));
    assert.ok(report.notDeleted.length > 0, "resources that cannot be deleted are listed");
  });

  it("checks an existing resource without writing to it", async () => {
    await using api = await handWritten();
    const { headers } = await fetch(api.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"name":"one"}',
    });
    const url = new URL(headers.get("location") ?? "", api.url).href;
    const report = await runCheck({
      url,
      create: undefined,
      headers: new Headers(),
      timeoutMs: 20_000,
      keep: false,
      json: false,
    });
    const tried = ALL.filter((rule) => outcomes(report)[rule] === "passed");
    assert.deepEqual(tried, [
      "follow.status",
      "follow.pacing",
      "follow.settles",
      "follow.error",
      "follow.stable",
      "conditional.etag",
      "conditional.not-modified",
      "conditional.long-poll",
      "errors.not-found",
      "errors.problem",
      "errors.method",
    ]);
    assert.deepEqual(failed(report), []);
    assert.equal(api.count(), 1);
  });

  it("reports an unreachable server rule by rule, and terminates", async () => {
    const api = await handWritten();
    await api[Symbol.asyncDispose]();
    const report = await checked(api.url, {}, 2000);
    const accepted = report.results.find(({ rule }) => rule === "create.accepted");
    assert.match(accepted?.actual ?? "", /no response \(.*ECONNREFUSED/);
    assert.ok(!isPassed(report));
  });

  it("sends no request, and so no credentials, to another origin", async () => {
    await using api = await handWritten("create.location");
    const { results: verdicts } = await checked(api.url);
    const location = verdicts.find(({ rule }) => rule === "create.location");
    assert.equal(location?.actual, "the response has no Location");
  });
});

describe("afoot check, the command", { concurrency: true }, () => {
  it("prints a line for each rule and exits with 0 if none is broken", async () => {
    await using api = await handWritten();
    const { code, stdout } = await afoot("check", api.url, "--create", '{"name":"one"}');
    assert.equal(code, 0, stdout);
    for (const rule of ALL) assert.match(stdout, new RegExp(`^passed +${RegExp.escape(rule)} `, "m"));
    assert.match(stdout, new RegExp(`^${ALL.length} passed\\.$`, "m"));
  });

  it("exits with 1 if a rule is broken, and prints the behaviour found and the fix, as JSON too", async () => {
    await using api = await handWritten("errors.media-type");
    const argv = ["check", api.url, "--create", '{"name":"one"}', "--header", "X-Who: me"];
    const [plain, json] = await Promise.all([afoot(...argv), afoot(...argv, "--json")]);
    assert.deepEqual({ plainCode: plain.code, jsonCode: json.code }, { plainCode: 1, jsonCode: 1 });
    assert.match(
      plain.stdout,
      /^failed +errors\.media-type +an unsupported content type is rejected with 415\n +returned 400 .*\n +Fix: check Content-Type/m,
    );
    const report: unknown = JSON.parse(json.stdout);
    assert.ok(isJsonObject(report) && Array.isArray(report["results"]));
    assert.equal(report["passed"], false);
    assert.equal(report["results"].length, ALL.length);
  });

  it("exits with 64 for an invalid command line", async () => {
    for (const [argv, message] of [
      [[], /pass one URL/],
      [["nowhere"], /pass one URL/],
      [["http://a.test", "http://b.test"], /pass one URL/],
      [["http://a.test", "--create", "{"], /--create: invalid JSON/],
      [["http://a.test", "--header", "nothing"], /--header/],
      [["http://a.test", "--timeout", "soon"], /--timeout/],
    ] as const) {
      const { code, stderr } = await afoot("check", ...argv);
      assert.equal(code, 64);
      assert.match(stderr, message);
    }
  });
});

describe("docs/protocol.md", () => {
  it("lists every rule that is checked, in the same words", async () => {
    const rows = page.split("\n").filter((line) => /^\| [a-z]+\.[a-z-]+ /.test(line));
    const cells = rows.map((row) =>
      row
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
    assert.deepEqual(
      cells,
      Object.entries(RULES).map(([rule, { level, requirement }]) => [rule, level, requirement]),
    );
  });

  it("shows curl commands that follow a resource", async () => {
    const scripts = [...page.matchAll(/```sh\n(.*?)```/gs)].map(([, script = ""]) => script);
    assert.equal(scripts.length, 2);
    await using folder = await temporaryFolder();
    const app = join(import.meta.dirname, "../../examples/app.ts");
    await using server = await startAfoot({ app, folder: folder.path, environment: { AFOOT_DEMO_PACE: "0.01" } });
    const script = `${scripts.join("")}cat state.json`.replaceAll("http://127.0.0.1:8080", server.origin);
    const { stdout } = await run("sh", ["-ec", script], { cwd: folder.path });
    const state: unknown = JSON.parse(stdout);
    assert.ok(isJsonObject(state));
    assert.deepEqual(
      { status: state["status"], configuration: state["configuration"] },
      { status: "Ready", configuration: { os: "Linux", ram: "16GB", storage: "256GB SSD" } },
    );
  });
});

const page = await readFile(join(import.meta.dirname, "../../docs/protocol.md"), "utf8");

interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function afoot(...argv: readonly string[]): Promise<CommandResult> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["--conditions=@afoot/source", MAIN, ...argv],
      { timeout: 60_000 },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      },
    );
  });
}
