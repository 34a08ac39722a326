// Checks the subjects of the commits of a change: `area: imperative verb, object`, 72 characters at most.
// Usage: node scripts/check-commits.mjs [BASE]. BASE is the commit before the change; the default is the commit that introduced this check.
import { execFileSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

const MAX_SUBJECT_LENGTH = 72;

/** Imperative verbs that end like another form. */
const IMPERATIVES = new Set([
  "address",
  "bypass",
  "compress",
  "discuss",
  "embed",
  "express",
  "feed",
  "focus",
  "need",
  "pass",
  "process",
  "seed",
  "speed",
  "stress",
  "suppress",
  "bring",
  "string",
]);

/** @param {string} subject @returns {string | undefined} The first rule that the subject breaks. */
export function findFault(subject) {
  if (/^(?:Merge|Revert) /.test(subject)) return undefined;
  if (subject.length > MAX_SUBJECT_LENGTH) return `has ${subject.length} characters; maximum: ${MAX_SUBJECT_LENGTH}`;
  const match = /^[a-z][a-z0-9-]*(?:(?:, |\/)[a-z][a-z0-9-]*)*: (\S+)(?: \S.*)$/.exec(subject);
  if (match === null) return "does not have the form `area: imperative verb, object`";
  const verb = match[1] ?? "";
  if (!/^[a-z][a-z-]*$/.test(verb)) return `starts with ${JSON.stringify(verb)} in place of a verb in lower case`;
  if (/(?:ed|ing|s)$/.test(verb) && !IMPERATIVES.has(verb)) {
    return `uses ${JSON.stringify(verb)} in place of the imperative`;
  }
  return subject.endsWith(".") ? "ends with a full stop" : undefined;
}

/** @param {readonly string[]} args */
function git(...args) {
  return execFileSync("git", args, { encoding: "utf8" }).trim();
}

/** @param {string | undefined} base */
function check(base) {
  if (git("rev-parse", "--is-shallow-repository") === "true") {
    process.stdout.write("Commit subjects are not checked: this clone is shallow.\n");
    return true;
  }
  const start = base ?? git("log", "--diff-filter=A", "--format=%H", "-1", "--", "scripts/check-commits.mjs");
  const subjects =
    start === "" ? [] : git("log", "--no-merges", "--format=%h %s", `${start}..HEAD`).split("\n").filter(Boolean);
  let faults = 0;
  for (const line of subjects) {
    const fault = findFault(line.slice(line.indexOf(" ") + 1));
    if (fault === undefined) continue;
    faults += 1;
    process.stdout.write(`${line}\n  The subject ${fault}.\n`);
  }
  process.stdout.write(`${subjects.length} commit subjects checked, ${faults} to fix.\n`);
  return faults === 0;
}

if (process.argv[1] === import.meta.filename) {
  process.chdir(fileURLToPath(new URL("..", import.meta.url)));
  process.exitCode = check(process.argv[2]) ? 0 : 1;
}
