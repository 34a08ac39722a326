import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, it } from "node:test";
import ts from "typescript-5.9";
import { SECTIONS } from "../../scripts/docs/errors/catalogue.ts";
import { findCodes } from "../../scripts/docs/errors/codes.ts";
import { generatedPages } from "../../scripts/docs/generate.ts";
import { readEntries } from "../../scripts/docs/reference/pages.ts";
import { parseSources } from "../../scripts/docs/sources.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { prometheusName } from "../../src/telemetry/prometheus.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** First cells of the table rows of a text, without the marks of code. */
function firstCells(text: string): readonly string[] {
  return [...text.matchAll(/^\| `([^`]+)`/gm)].map(([, cell = ""]) => cell);
}

/** Calls a function for each node of each source. */
function visitSources(visit: (node: ts.Node, path: string) => void): void {
  for (const source of SOURCES) {
    const each = (node: ts.Node): void => {
      visit(node, source.fileName);
      ts.forEachChild(node, each);
    };
    each(source);
  }
}
const SOURCES = parseSources(ROOT);
const ENTRIES = readEntries(ROOT);

describe("generated pages", () => {
  it("are those of the sources; if not, run: npm run docs:reference", () => {
    const stale = [...generatedPages(ROOT, ENTRIES)]
      .filter(([path, text]) => read(path) !== text)
      .map(([path]) => path);
    assert.deepEqual(stale, []);
  });
});

describe("docs/reference/api", () => {
  it("describes every export of every entry point, each with a doc comment in the sources", () => {
    assert.ok(ENTRIES.length >= 16, `${ENTRIES.length} entry points`);
    for (const { specifier, path, exported } of ENTRIES) {
      const headings = new Set([...read(path).matchAll(/^## (.+)$/gm)].map(([, name]) => name));
      for (const { name, documentation } of exported) {
        assert.ok(headings.has(name), `${specifier}: ${name}`);
        assert.notEqual(documentation.text, "", `${specifier}: ${name} has no doc comment`);
      }
    }
  });

  it("says of every option what it means", () => {
    const silent = ENTRIES.flatMap(({ exported, related }) =>
      [...exported, ...related]
        .filter(({ name }) => name.endsWith("Options"))
        .flatMap(({ name, members }) =>
          members
            .filter(({ documentation: { text, default: value } }) => text === "" && value === undefined)
            .map((member) => `${name}.${member.name}`),
        ),
    );
    assert.deepEqual([...new Set(silent)], []);
  });
});

describe("docs/errors.md", () => {
  it("explains every error code of the sources, and no other", () => {
    const explained = SECTIONS.flatMap(({ codes }) => Object.keys(codes));
    assert.deepEqual(explained.toSorted(), [...findCodes(ROOT)]);
  });
});

describe("docs/reference/configuration.md", () => {
  it("has a row for every environment variable that the sources read, and no other", () => {
    const variables = new Set<string>();
    visitSources((node) => {
      // Arguments and indexes: `environment["PORT"]`, `flagOrVariable("port", "PORT")`, `process.env["TERM"]`.
      const isRead =
        ts.isStringLiteral(node) && (ts.isElementAccessExpression(node.parent) || ts.isCallExpression(node.parent));
      if (isRead && /^(?:AFOOT_[A-Z_]+|PORT|HOST|TERM)$/.test(node.text)) variables.add(node.text);
      if (ts.isPropertyAccessExpression(node) && node.expression.getText() === "process.env") {
        variables.add(node.name.text);
      }
    });
    variables.add("AFOOT_SEED");
    const [, section = ""] = read("docs/reference/configuration.md").split("## Environment variables");
    assert.deepEqual(firstCells(section.split("\n## ")[0] ?? "").toSorted(), [...variables].toSorted());
  });
});

describe("docs/reference/commands.md", () => {
  it("has a section for every command, with a row for every option", () => {
    const sections = new Map(
      read("docs/reference/commands.md")
        .split(/^## afoot /m)
        .slice(1)
        .map((section) => [section.slice(0, section.indexOf("\n")), section]),
    );
    const options = new Map<string, Set<string>>();
    visitSources((node, path) => {
      const command = /^src\/cli\/(\w+)\//.exec(path)?.[1];
      if (command === undefined || !ts.isPropertyAssignment(node) || node.name.getText() !== "options") return;
      if (!ts.isObjectLiteralExpression(node.initializer) || !isParseArgs(node.initializer)) return;
      const names = node.initializer.properties.flatMap(({ name }) => (name === undefined ? [] : [name.getText()]));
      options.set(
        command,
        new Set([...(options.get(command) ?? []), ...names.map((name) => name.replaceAll('"', ""))]),
      );
    });
    assert.deepEqual([...sections.keys()].toSorted(), [...options.keys()].toSorted());
    for (const [command, names] of options) {
      const rows = firstCells(sections.get(command) ?? "").filter((cell) => cell.startsWith("--"));
      assert.deepEqual(
        rows.map((cell) => (cell.split(" ")[0] ?? "").slice(2)).toSorted(),
        [...names].toSorted(),
        command,
      );
    }
  });
});

describe("docs/reference/history.md", () => {
  it("has a row for every event of the history", () => {
    const events: string[] = [];
    visitSources((node) => {
      if (!ts.isTypeAliasDeclaration(node) || node.name.text !== "HistoryEventName") return;
      events.push(...[...node.type.getText().matchAll(/"([\w-]+)"/g)].map(([, event = ""]) => event));
    });
    const [, section = ""] = read("docs/reference/history.md").split("## Events\n");
    assert.deepEqual(firstCells(section), events);
  });
});

describe("docs/reference/metrics.md", () => {
  it("has a row for every metric, with its name for Prometheus, its type and its unit", () => {
    const metrics = createMetrics(undefined);
    // Gauges are registered where their values are: their definitions are constants with a name, a unit and a description.
    visitSources((node) => {
      if (!ts.isVariableDeclaration(node) || node.initializer === undefined) return;
      if (!ts.isObjectLiteralExpression(node.initializer)) return;
      const fields = Object.fromEntries(
        node.initializer.properties.flatMap((each) =>
          ts.isPropertyAssignment(each) && ts.isStringLiteral(each.initializer)
            ? [[each.name.getText(), each.initializer.text]]
            : [],
        ),
      );
      const { name, unit, description } = fields;
      if (name === undefined || unit === undefined || description === undefined) return;
      metrics.gauge({ name, unit, description }, async () => []);
    });
    const expected = metrics.all.map((metric) => {
      const { name, unit } = metric.definition;
      return [`\`${name}\``, `\`${prometheusName(metric)}\``, metric.type, unit];
    });
    metrics.close();
    const [table = ""] = read("docs/reference/metrics.md").split("## Labels");
    const rows = [...table.matchAll(/^\| (`.*)\|$/gm)].map(([, row = ""]) =>
      row
        .split("|")
        .map((cell) => cell.trim())
        .slice(0, 4),
    );
    assert.deepEqual(rows.toSorted(byFirst), expected.toSorted(byFirst));
  });
});

function byFirst(one: readonly string[], other: readonly string[]): number {
  return (one[0] ?? "").localeCompare(other[0] ?? "");
}

describe("docs/decisions.md", () => {
  it("has context, decision, consequence and files in each record", () => {
    const records = read("docs/decisions.md").split(/^## /m).slice(1);
    assert.ok(records.length > 30);
    for (const record of records) {
      assert.match(record, /^\d{4}-\d\d-\d\d: .+\n/);
      for (const part of ["Context", "Decision", "Consequence", "Files"]) {
        assert.match(record, new RegExp(`${part}[.:]`), record.slice(0, record.indexOf("\n")));
      }
    }
  });
});

/** True for the options of `parseArgs`, which have a type each. */
function isParseArgs({ properties }: ts.ObjectLiteralExpression): boolean {
  return properties.every((each) => ts.isPropertyAssignment(each) && /^\{\s*type:/.test(each.initializer.getText()));
}
