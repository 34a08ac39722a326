import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { openapiOverlay } from "openapi-format";
import { z } from "zod";
import { createOverlay } from "../../src/cli/openapi/overlays.ts";
import type { ResourceType } from "../../src/core/definition/resource-type.ts";
import { openapiDocument } from "../../src/server/openapi/document.ts";
import { type ServerOptions, serverOptions } from "../../src/server/options.ts";
import { linkWebhooks } from "../../src/server/webhooks/link-webhooks.ts";
import { temporaryFolder } from "../support/afoot-process.ts";
import { parseObject } from "../support/json.ts";
import { machine, TYPES } from "./types.ts";

const REDOCLY_CLI = fileURLToPath(import.meta.resolve("@redocly/cli/bin/cli.js"));
const SPECTRAL_CLI = fileURLToPath(import.meta.resolve("@stoplight/spectral-cli/dist/index.js"));
const run = promisify(execFile);

const ENDPOINT = { url: "https://hooks.example.com/", secrets: [`whsec_${"A".repeat(32)}`] };

const CASES: readonly (readonly [string, readonly ResourceType[], Partial<ServerOptions>])[] = [
  ["the pattern's resource, by default", [machine], {}],
  [
    "everything that can be declared, with every option",
    TYPES,
    {
      operations: true,
      messages: true,
      worker: true,
      preconditionRequired: true,
      authenticate: () => null,
      authorize: () => true,
      publicUrl: "https://api.acme.test",
    },
  ],
  [
    "an app with webhooks",
    linkWebhooks([machine], { endpoints: [ENDPOINT], perResource: { secrets: ENDPOINT.secrets } }),
    {},
  ],
  [
    "an app with all information about its API",
    [machine],
    {
      openapi: {
        title: "Machines",
        version: "3.1.4",
        description: "Machines on demand.",
        contact: { name: "Operations", url: "https://acme.test", email: "ops@acme.test" },
        license: { name: "MIT", identifier: "MIT" },
        servers: [{ url: "https://api.acme.test", description: "Production" }],
        tags: [{ name: "Virtual machines", description: "Machines that are rented by the hour." }],
      },
    },
  ],
];

// A document states no licence, contact or server that its app does not give, so the rules that require them are off.
const REDOCLY_OFF = ["info-license", "no-empty-servers"];
const SPECTRAL_OFF = { "info-contact": "off", "oas3-api-servers": "off" };

for (const [name, types, given] of CASES) {
  test(`linters find nothing: ${name}`, async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, "openapi.json");
    await writeFile(file, JSON.stringify(openapiDocument({ types, options: serverOptions(given) })));
    assert.deepEqual(await redocly(file), []);
    assert.deepEqual(await spectral(file, folder.path), []);
  });
}

for (const name of ["speakeasy", "autorest"] as const) {
  test(`linters find nothing in a document with the overlay for ${name}`, async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, "openapi.json");
    const options = serverOptions({ operations: true, messages: true, worker: true });
    const document = openapiDocument({ types: TYPES, options });
    const overlay = createOverlay(name, { types: TYPES, basePath: options.basePath, document });
    const { data, resultData } = await openapiOverlay(parseObject(JSON.stringify(document)), {
      overlaySet: {
        overlay: overlay.overlay,
        actions: overlay.actions.map(({ target, update }) => ({ target, update })),
      },
    });
    assert.deepEqual(resultData["unusedActions"], []);
    assert.equal(resultData["totalUsedActions"], overlay.actions.length);
    assert.match(JSON.stringify(data), name === "autorest" ? /"x-ms-/ : /"x-speakeasy-/);
    await writeFile(file, JSON.stringify(data));
    assert.deepEqual(await redocly(file), []);
    assert.deepEqual(await spectral(file, folder.path), []);
  });
}

test("linters find a document without summaries", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "openapi.json");
  const text = JSON.stringify(openapiDocument({ types: [machine], options: serverOptions() }));
  await writeFile(file, text.replaceAll('"summary":', '"x-summary":').replaceAll('"operationId":', '"x-id":'));
  assert.notDeepEqual(await redocly(file), []);
  assert.notDeepEqual(await spectral(file, folder.path), []);
});

/** Returns the broken rules, including warnings. */
async function redocly(file: string): Promise<readonly string[]> {
  const skipped = REDOCLY_OFF.map((rule) => `--skip-rule=${rule}`);
  const argv = [REDOCLY_CLI, "lint", file, "--extends=recommended-strict", ...skipped, "--format=json"];
  const outcome = REDOCLY.parse(await outputOf(argv));
  return outcome.problems.map(({ ruleId, message }) => `${ruleId}: ${message}`);
}

const REDOCLY = z.object({ problems: z.array(z.object({ ruleId: z.string(), message: z.string() })) });

async function spectral(file: string, folder: string): Promise<readonly string[]> {
  const ruleset = join(folder, "ruleset.yaml");
  await writeFile(ruleset, JSON.stringify({ extends: ["spectral:oas"], rules: SPECTRAL_OFF }));
  const argv = [SPECTRAL_CLI, "lint", file, "-r", ruleset, "--format=json", "--quiet"];
  const outcome = SPECTRAL.parse(await outputOf(argv));
  return outcome.map(({ code, message }) => `${code}: ${message}`);
}

const SPECTRAL = z.array(z.object({ code: z.union([z.string(), z.number()]), message: z.string() }));

/** Runs a tool and parses its standard output as JSON. */
async function outputOf(argv: readonly string[]): Promise<unknown> {
  const env = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
  try {
    const { stdout } = await run(process.execPath, [...argv], { env, maxBuffer: 2 ** 26 });
    return JSON.parse(stdout);
  } catch (error) {
    // Findings lead to exit code 1, which is a result too.
    if (error instanceof Error && "stdout" in error && typeof error.stdout === "string" && error.stdout !== "") {
      return JSON.parse(error.stdout);
    }
    throw error;
  }
}
