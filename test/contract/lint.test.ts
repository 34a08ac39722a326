import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { after, before, describe, it } from "node:test";
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

const OVERLAID = ["speakeasy", "autorest"] as const;

const WITHOUT_SUMMARIES = "without-summaries.json";

interface Finding {
  readonly file: string;
  readonly rule: string;
}

describe("linters", () => {
  let findings: readonly Finding[];
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  before(async () => {
    folder = await temporaryFolder();
    const texts = new Map([
      ...CASES.map(
        ([name, types, given]) =>
          [`${name}.json`, JSON.stringify(openapiDocument({ types, options: serverOptions(given) }))] as const,
      ),
      [WITHOUT_SUMMARIES, textWithoutSummaries()] as const,
    ]);
    for (const name of OVERLAID) texts.set(`${name}.json`, await textWithOverlay(name));
    for (const [file, text] of texts) await writeFile(join(folder.path, file), text);
    // The tools load more than they lint, so all files are given to one run of each.
    findings = (await Promise.all([redocly, spectral].map((lint) => lint([...texts.keys()], folder.path)))).flat();
  });
  after(() => folder[Symbol.asyncDispose]());

  const inFile = (file: string): readonly Finding[] => findings.filter((finding) => finding.file === file);

  for (const [name] of CASES) {
    it(`find nothing: ${name}`, () => {
      assert.deepEqual(inFile(`${name}.json`), []);
    });
  }

  for (const name of OVERLAID) {
    it(`find nothing in a document with the overlay for ${name}`, () => {
      assert.deepEqual(inFile(`${name}.json`), []);
    });
  }

  it("each find a document without summaries", () => {
    const rules = inFile(WITHOUT_SUMMARIES).map(({ rule }) => rule);
    const finds = (tool: string): boolean => rules.some((rule) => rule.startsWith(tool));
    assert.deepEqual({ redocly: finds("redocly"), spectral: finds("spectral") }, { redocly: true, spectral: true });
    assert.equal(findings.length, rules.length, "no other file has a finding");
  });
});

function textWithoutSummaries(): string {
  const text = JSON.stringify(openapiDocument({ types: [machine], options: serverOptions() }));
  return text.replaceAll('"summary":', '"x-summary":').replaceAll('"operationId":', '"x-id":');
}

async function textWithOverlay(name: (typeof OVERLAID)[number]): Promise<string> {
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
  return JSON.stringify(data);
}

/** Returns the broken rules, including warnings. */
async function redocly(files: readonly string[], folder: string): Promise<readonly Finding[]> {
  const skipped = REDOCLY_OFF.map((rule) => `--skip-rule=${rule}`);
  const argv = [REDOCLY_CLI, "lint", ...files, "--extends=recommended-strict", ...skipped, "--format=json"];
  // Without it, the report ends at 100 problems.
  const output = await outputOf([...argv, "--max-problems=10000"], folder);
  // One object after the other, indented.
  const reports = REDOCLY.parse(JSON.parse(`[${output.replaceAll(/^\}\s*\{/gm, "},{")}]`));
  return reports
    .flatMap(({ problems }) => problems)
    .map(({ ruleId, message, location }) => ({
      file: basename(location[0]?.source.ref ?? ""),
      rule: `redocly ${ruleId}: ${message}`,
    }));
}

const REDOCLY = z.array(
  z.object({
    problems: z.array(
      z.object({
        ruleId: z.string(),
        message: z.string(),
        location: z.array(z.object({ source: z.object({ ref: z.string() }) })),
      }),
    ),
  }),
);

async function spectral(files: readonly string[], folder: string): Promise<readonly Finding[]> {
  const ruleset = join(folder, "ruleset.yaml");
  await writeFile(ruleset, JSON.stringify({ extends: ["spectral:oas"], rules: SPECTRAL_OFF }));
  const argv = [SPECTRAL_CLI, "lint", ...files, "-r", ruleset, "--format=json", "--quiet"];
  const found = SPECTRAL.parse(JSON.parse(await outputOf(argv, folder)));
  return found.map(({ code, message, source }) => ({ file: basename(source), rule: `spectral ${code}: ${message}` }));
}

const SPECTRAL = z.array(
  z.object({ code: z.union([z.string(), z.number()]), message: z.string(), source: z.string() }),
);

/** Runs a tool in a folder. Resolves to its standard output. */
async function outputOf(argv: readonly string[], cwd: string): Promise<string> {
  const env = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
  try {
    return (await run(process.execPath, [...argv], { cwd, env, maxBuffer: 2 ** 26 })).stdout;
  } catch (error) {
    // Findings lead to exit code 1, which is a result too.
    if (error instanceof Error && "stdout" in error && typeof error.stdout === "string" && error.stdout !== "") {
      return error.stdout;
    }
    throw error;
  }
}
