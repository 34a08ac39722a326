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

/** Invalid documents, each with the expected message. */
const DOCUMENTS: Readonly<Record<string, readonly [document: string, message: RegExp]>> = {
  "is not YAML": ["openapi: 3.0.0\ninfo: {title: x\npaths: {}", /document\.yaml.*\(3:1\)/s],
  "is not an object": ["just a text", /document\.yaml/],
  "is Swagger": ['swagger: "2.0"\ninfo: { title: x, version: "1" }\npaths: {}', /^\/swagger: .*OpenAPI 3/],
  "has no version": [
    'info: { title: x, version: "1" }\npaths: {}',
    /^\/openapi: the version is missing; use OpenAPI 3/,
  ],
  "has a future version": [
    text.replace("openapi: 3.0.0", "openapi: 4.0.0"),
    /^\/openapi: version "4\.0\.0" is not supported/,
  ],
  "violates the specification": [
    text.replace("in: path", "in: somewhere"),
    /^\/paths\/~1virtual-machines~1\{machineId\}\/get\/parameters\/0\/in: .*path/,
  ],
  "has an unknown type": [text.replace("type: object", "type: thing"), /^\/paths\/.*\/schema\/type: .*object/],
  "has a dangling reference": [
    text.replace(/schema:\n\s+type: object/, "schema:\n                $ref: '#/components/schemas/Gone'"),
    /Gone/,
  ],
  "creates nothing": [text.replace('"202"', '"201"'), /^\/paths: no path has a POST with a 202 response/],
  "has no GET for the resource": [
    text.replace("/virtual-machines/{machineId}:", "/others/{machineId}:"),
    /^\/paths\/~1virtual-machines\/post: .*no path \/virtual-machines\/\{\.\.\.\} has a GET/,
  ],
  "has another media type": [
    text.replace(
      '"200":\n          description: How it stands\n          content:\n            application/json:',
      '"200":\n          description: How it stands\n          content:\n            text/html:',
    ),
    new RegExp(`^${escapePattern(GET)}/responses: has no 200 response with JSON content`),
  ],
  "has no examples": [
    text.replace(/ {14}examples:\n {16}provisioning:[^]*?(?= {2}\/virtual-machines:\n)/, ""),
    new RegExp(`^${escapePattern(GET)}/responses/200/content/application~1json: has no examples`),
  ],
  "has an external example": [
    text.replace(
      /ready:\n\s+value:[^]*?(?= {2}\/virtual-machines:\n)/,
      "ready:\n                  externalValue: 'https://example.org/ready.json'\n",
    ),
    new RegExp(`^${escapePattern(GET)}/responses/200/content/application~1json/examples/ready: has no value`),
  ],
  "has an example that is not an object": [
    text.replace(/ready:\n\s+value:[^]*?(?= {2}\/virtual-machines:\n)/, "ready:\n                  value: Ready\n"),
    new RegExp(
      `^${escapePattern(GET)}/responses/200/content/application~1json/examples/ready: its value must be an object`,
    ),
  ],
  "accepts no JSON": [
    text.replace(
      /requestBody:\n\s+required: true\n\s+content:\n\s+application\/json:/,
      "requestBody:\n        required: true\n        content:\n          text/csv:",
    ),
    /^\/paths\/~1virtual-machines\/post\/requestBody: has no JSON content/,
  ],
};

describe("a document that", () => {
  for (const [name, [document, message]] of Object.entries(DOCUMENTS)) {
    it(`${name} is rejected with the location and the reason`, async () => {
      assert.notEqual(document, text, "the document must differ");
      await withFile("document.yaml", document, async (file) => {
        await assert.rejects(mockOf(file), (error: Error) => {
          assert.equal(error.name, "UnservableError");
          assert.match(error.message, message);
          return true;
        });
      });
    });
  }

  it("does not exist is rejected", async () => {
    await assert.rejects(mockOf("/nowhere/openapi.yaml"), /\/nowhere\/openapi\.yaml: file not found/);
  });
});

describe("afoot mock", () => {
  it("exits with 2 for a document that it cannot serve, with the file, the location and the reason", async () => {
    await withFile("document.yaml", DOCUMENTS["creates nothing"]?.[0] ?? "", async (file) => {
      const { code, stderr, stdout } = await afoot("mock", file, "--port", "0");
      assert.equal(code, 2);
      assert.equal(
        stderr,
        `afoot mock: cannot serve ${file}: /paths: no path has a POST with a 202 response, so there is nothing to create and follow\n`,
      );
      assert.equal(stdout, "");
    });
  });

  it("names an invalid flag", async () => {
    const file = join(FIXTURES, "machines.openapi.yaml");
    for (const [argv, message] of [
      [[], /pass one OpenAPI document/],
      [[file, file], /pass one OpenAPI document/],
      [[file, "--pace", "soon"], /--pace: "soon"/],
      [[file, "--port", "99999"], /--port: "99999"/],
      [[file, "--speed", "2"], /--speed/],
    ] as const) {
      const { code, stderr } = await afoot("mock", ...argv);
      assert.notEqual(code, 0);
      assert.match(stderr, message);
    }
  });

  it("names the address that is in use", async () => {
    const file = join(FIXTURES, "machines.openapi.yaml");
    await using mock = await mockOf(file);
    const port = Number(new URL(mock.origin).port);
    await assert.rejects(
      serveMock({ file, port, host: "127.0.0.1", stateMs: 0 }),
      /cannot listen on 127\.0\.0\.1:\d+ .*--port/,
    );
  });

  it("serves until SIGTERM", async () => {
    const argv = ["mock", join(FIXTURES, "machines.openapi.yaml"), "--port", "0", "--pace", "0.01"];
    const { code, stdout } = await afootUntil(/Ctrl-C/, argv);
    assert.match(stdout, /^Afoot mock serves\n {2}http:\/\/127\.0\.0\.1:\d+\/v2\/virtual-machines\nfrom /);
    assert.equal(code, 0);
  });
});

interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function afoot(...argv: readonly string[]): Promise<CommandResult> {
  return afootUntil(undefined, argv);
}

/** Runs a command until it exits. Sends SIGTERM once its output matches `output`. */
async function afootUntil(output: RegExp | undefined, argv: readonly string[]): Promise<CommandResult> {
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
      if (output?.test(stdout) === true) child.kill("SIGTERM");
    });
  });
}

function escapePattern(pointer: string): string {
  return RegExp.escape(pointer);
}
