import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { serveMock } from "../../src/cli/mock/serve-mock.ts";
import { FIXTURES, mockOf, withFile } from "./mock-fixture.ts";

const MAIN = join(import.meta.dirname, "../../src/cli/main.ts");
const text = await readFile(join(FIXTURES, "machines.openapi.yaml"), "utf8");
const GET = "/paths/~1virtual-machines~1{machineId}/get";

/** A document, and what is said of it. */
const DOCUMENTS: Readonly<Record<string, readonly [document: string, said: RegExp]>> = {
  "is no YAML": ["openapi: 3.0.0\ninfo: {title: x\npaths: {}", /document\.yaml.*\(3:1\)/s],
  "is not one": ["just a text", /document\.yaml/],
  "is of Swagger": ['swagger: "2.0"\ninfo: { title: x, version: "1" }\npaths: {}', /^\/swagger: .*OpenAPI 3/],
  "says no version": ['info: { title: x, version: "1" }\npaths: {}', /^\/openapi: no version is said; use OpenAPI 3/],
  "is of a version to come": [
    text.replace("openapi: 3.0.0", "openapi: 4.0.0"),
    /^\/openapi: "4\.0\.0" is not a version/,
  ],
  "breaks the specification": [
    text.replace("in: path", "in: somewhere"),
    /^\/paths\/~1virtual-machines~1\{machineId\}\/get\/parameters\/0\/in: .*path/,
  ],
  "has a type that is none": [text.replace("type: object", "type: thing"), /^\/paths\/.*\/schema\/type: .*object/],
  "refers to nothing": [
    text.replace(/schema:\n\s+type: object/, "schema:\n                $ref: '#/components/schemas/Gone'"),
    /Gone/,
  ],
  "creates nothing": [text.replace('"202"', '"201"'), /^\/paths: no path has a POST that is answered 202/],
  "shows nothing of what it creates": [
    text.replace("/virtual-machines/{machineId}:", "/others/{machineId}:"),
    /^\/paths\/~1virtual-machines\/post: .*no path \/virtual-machines\/\{\.\.\.\} has a GET/,
  ],
  "shows it in another form": [
    text.replace(
      '"200":\n          description: How it stands\n          content:\n            application/json:',
      '"200":\n          description: How it stands\n          content:\n            text/html:',
    ),
    new RegExp(`^${escaped(GET)}/responses: has no 200 with a JSON content`),
  ],
  "has no examples": [
    text.replace(/ {14}examples:\n {16}provisioning:[^]*?(?= {2}\/virtual-machines:\n)/, ""),
    new RegExp(`^${escaped(GET)}/responses/200/content/application~1json: has no examples`),
  ],
  "has an example elsewhere": [
    text.replace(
      /ready:\n\s+value:[^]*?(?= {2}\/virtual-machines:\n)/,
      "ready:\n                  externalValue: 'https://example.org/ready.json'\n",
    ),
    new RegExp(`^${escaped(GET)}/responses/200/content/application~1json/examples/ready: has no value`),
  ],
  "has an example that is no object": [
    text.replace(/ready:\n\s+value:[^]*?(?= {2}\/virtual-machines:\n)/, "ready:\n                  value: Ready\n"),
    new RegExp(`^${escaped(GET)}/responses/200/content/application~1json/examples/ready: its value is not an object`),
  ],
  "takes no JSON": [
    text.replace(
      /requestBody:\n\s+required: true\n\s+content:\n\s+application\/json:/,
      "requestBody:\n        required: true\n        content:\n          text/csv:",
    ),
    /^\/paths\/~1virtual-machines\/post\/requestBody: takes no JSON/,
  ],
};

describe("a document that", () => {
  for (const [name, [document, said]] of Object.entries(DOCUMENTS)) {
    it(`${name} is not served, and the place and the reason are named`, async () => {
      assert.notEqual(document, text, "the document was to be another one");
      await withFile("document.yaml", document, async (file) => {
        await assert.rejects(mockOf(file), (error: Error) => {
          assert.equal(error.name, "UnservableError");
          assert.match(error.message, said);
          return true;
        });
      });
    });
  }

  it("is not there is not served", async () => {
    await assert.rejects(mockOf("/nowhere/openapi.yaml"), /\/nowhere\/openapi\.yaml: there is no such file/);
  });
});

describe("afoot mock", () => {
  it("exits 2 over a document that it cannot serve, with the file, the place and the reason", async () => {
    await withFile("document.yaml", DOCUMENTS["creates nothing"]?.[0] ?? "", async (file) => {
      const { code, stderr, stdout } = await afoot("mock", file, "--port", "0");
      assert.equal(code, 2);
      assert.equal(
        stderr,
        `afoot mock: ${file} cannot be served: /paths: no path has a POST that is answered 202: there is nothing to create and follow\n`,
      );
      assert.equal(stdout, "");
    });
  });

  it("names the flag that it does not understand", async () => {
    const file = join(FIXTURES, "machines.openapi.yaml");
    for (const [argv, said] of [
      [[], /give one OpenAPI document/],
      [[file, file], /give one OpenAPI document/],
      [[file, "--pace", "soon"], /--pace: "soon"/],
      [[file, "--port", "99999"], /--port: "99999"/],
      [[file, "--speed", "2"], /--speed/],
    ] as const) {
      const { code, stderr } = await afoot("mock", ...argv);
      assert.notEqual(code, 0);
      assert.match(stderr, said);
    }
  });

  it("says which address is taken", async () => {
    const file = join(FIXTURES, "machines.openapi.yaml");
    await using mock = await mockOf(file);
    const port = Number(new URL(mock.origin).port);
    await assert.rejects(
      serveMock({ file, port, host: "127.0.0.1", stateMs: 0 }),
      /127\.0\.0\.1:\d+ cannot be listened on .*--port/,
    );
  });

  it("serves until it is asked to stop", async () => {
    const argv = ["mock", join(FIXTURES, "machines.openapi.yaml"), "--port", "0", "--pace", "0.01"];
    const { code, stdout } = await afootUntil(/Ctrl-C/, argv);
    assert.match(stdout, /^Afoot mocks\n {2}http:\/\/127\.0\.0\.1:\d+\/v2\/virtual-machines\nfrom /);
    assert.equal(code, 0);
  });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function afoot(...argv: readonly string[]): Promise<Ended> {
  return afootUntil(undefined, argv);
}

/** Runs a command to its end, which comes by SIGTERM once it has written what is waited for. */
async function afootUntil(written: RegExp | undefined, argv: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { timeout: 60_000 };
    const child = execFile(
      process.execPath,
      ["--conditions=@afoot/source", MAIN, ...argv],
      options,
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      },
    );
    let stdout = "";
    child.stdout?.on("data", (chunk: string) => {
      stdout += chunk;
      if (written?.test(stdout) === true) child.kill("SIGTERM");
    });
  });
}

function escaped(pointer: string): string {
  return RegExp.escape(pointer);
}
