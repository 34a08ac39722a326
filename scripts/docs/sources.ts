// Parses the sources of the package for the generated pages of the documentation.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript-5.9";

/** Files that are no part of the package, or that make up errors for tests. */
const LEFT_OUT = /\.test(?:-d)?\.tsx?$|^src\/(?:conformance|dashboard)\//;

/** Returns the parsed sources of the package. Their names are relative to the repository. */
export function parseSources(root: string): readonly ts.SourceFile[] {
  return execFileSync("git", ["ls-files", "src/*.ts"], { cwd: root, encoding: "utf8" })
    .trim()
    .split("\n")
    .filter((path) => !LEFT_OUT.test(path))
    .map((path) =>
      ts.createSourceFile(path, readFileSync(join(root, path), "utf8"), ts.ScriptTarget.Latest, true, ts.ScriptKind.TS),
    );
}
