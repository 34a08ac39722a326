// Checks the layout of src/ against scripts/rooms.mjs: imports between houses and floors, and the sizes of folders and files.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { posix } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import ts from "typescript-5.9";
import { ANY_PACKAGE, FAMILIES, HOUSES, MAX_FILES, MAX_LINES, MAX_MEDIAN_LINES } from "./rooms.mjs";

/** @typedef {{ path: string, text: string }} Source */

/** @param {readonly Source[]} sources Files below src/, with paths below it. @returns {string[]} What is wrong, a line each. */
export function findFaults(sources) {
  const imports = sources.flatMap((source) => importFaults(source));
  return [...imports, ...sizeFaults(sources.filter(({ path }) => !isTest(path)))];
}

/** @param {string} path */
function isTest(path) {
  return /\.test(?:-d)?\.tsx?$/.test(path);
}

/** The house of a path: the longest one that it lies in. @param {string} path */
function houseOf(path) {
  const names = Object.keys(HOUSES).filter((name) => name !== "." && path.startsWith(`${name}/`));
  return names.toSorted((a, b) => b.length - a.length)[0] ?? ".";
}

/** The room of a path and its floor. @param {string} house @param {string} path */
function roomOf(house, path) {
  const floors = HOUSES[house]?.floors ?? [["."]];
  const inside = house === "." ? path : path.slice(house.length + 1);
  const rooms = floors.flatMap((names, floor) => names.map((name) => ({ name, floor })));
  const matches = rooms.filter(({ name }) => inside === name || inside.startsWith(`${name}/`));
  const root = rooms.find(({ name }) => name === ".");
  return matches.toSorted((a, b) => b.name.length - a.name.length)[0] ?? root;
}

/** @param {Source} source @returns {string[]} */
function importFaults({ path, text }) {
  // A test may bring together what sources may not.
  if (isTest(path)) return [];
  const house = houseOf(path);
  const room = roomOf(house, path);
  if (room === undefined) return [`src/${path} lies in no room of ${house}: name its folder in scripts/rooms.mjs`];
  return importsOf(text).flatMap((specifier) => {
    const fault = specifier.startsWith(".")
      ? pathFault(house, room, posix.join(posix.dirname(path), specifier))
      : packageFault(house, specifier);
    return fault === undefined ? [] : [`src/${path} imports ${specifier}: ${fault}`];
  });
}

/** @param {string} text */
function importsOf(text) {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}

/** @param {string} house @param {{ name: string, floor: number }} room @param {string} target */
function pathFault(house, room, target) {
  if (target.startsWith("..")) return undefined;
  const targetHouse = houseOf(target);
  if (targetHouse !== house) {
    const allowed = HOUSES[house]?.imports ?? [];
    if (allowed.includes(targetHouse) || allowed.includes(target)) return undefined;
    return `${house} imports ${allowed.join(", ") || "no other folder"} and not ${targetHouse}`;
  }
  const targetRoom = roomOf(house, target);
  if (targetRoom === undefined || targetRoom.name === room.name || targetRoom.floor < room.floor) return undefined;
  const relation = targetRoom.floor === room.floor ? "on the same floor" : "on a higher floor";
  return `room ${targetRoom.name} is ${relation} than room ${room.name} of ${house}`.replace(
    "same floor than",
    "same floor as",
  );
}

/** @param {string} house @param {string} specifier */
function packageFault(house, specifier) {
  const allowed = HOUSES[house]?.packages ?? ANY_PACKAGE;
  return allowed.test(specifier) ? undefined : `${house} does not import this package`;
}

/** @param {readonly Source[]} sources @returns {string[]} */
function sizeFaults(sources) {
  const lines = sources.map(({ path, text }) => ({ path, count: text.split("\n").length - 1 }));
  const folders = Object.entries(Object.groupBy(sources, ({ path }) => posix.dirname(path)));
  const counts = lines.map(({ count }) => count).toSorted((a, b) => a - b);
  const median = counts[Math.floor(counts.length / 2)] ?? 0;
  return [
    ...lines
      .filter(({ count }) => count > MAX_LINES)
      .map(({ path, count }) => `src/${path} has ${count} lines; maximum: ${MAX_LINES}`),
    ...folders
      .filter(([folder, files]) => (files?.length ?? 0) > MAX_FILES && !(folder in FAMILIES))
      .map(([folder, files]) => `src/${folder} has ${files?.length} files beside each other; maximum: ${MAX_FILES}`),
    ...(median > MAX_MEDIAN_LINES ? [`the median file has ${median} lines; maximum: ${MAX_MEDIAN_LINES}`] : []),
  ];
}

if (process.argv[1] === import.meta.filename) {
  process.chdir(fileURLToPath(new URL("..", import.meta.url)));
  const paths = execFileSync("git", ["ls-files", "src"], { encoding: "utf8" }).trim().split("\n");
  const sources = paths
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => ({ path: path.slice("src/".length), text: readFileSync(path, "utf8") }));
  const faults = findFaults(sources);
  process.stdout.write(
    `${faults.map((fault) => `${fault}\n`).join("")}${sources.length} files checked, ${faults.length} to fix.\n`,
  );
  process.exitCode = faults.length === 0 ? 0 : 1;
}
