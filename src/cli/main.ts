#!/usr/bin/env node
import module from "node:module";
import { isAfootError } from "../core/errors.ts";
import { COMMANDS, usage } from "./commands.ts";

// What reads our output may have seen enough of it, as `head` does.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

const OLDEST_NODE = 24;

const [name = "help", ...argv] = process.argv.slice(2);
const command = COMMANDS.find((each) => each.name === name);

if (Number(process.versions.node.split(".")[0]) < OLDEST_NODE) {
  process.stderr.write(
    `afoot: needs Node ${OLDEST_NODE} or later, and this is ${process.version}; install one from https://nodejs.org or by your version manager\n`,
  );
  process.exitCode = 1;
} else if (command === undefined) {
  const asked = ["help", "--help", "-h"].includes(name);
  process[asked ? "stdout" : "stderr"].write(
    asked ? usage() : `afoot: there is no command ${JSON.stringify(name)}\n\n${usage()}`,
  );
  process.exitCode = asked ? 0 : 2;
} else {
  // What was compiled once is read from the disk at the next start.
  module.enableCompileCache();
  try {
    process.exitCode = await command.run(argv);
  } catch (error) {
    process.stderr.write(`afoot ${name}: ${messageOf(error)}\n`);
    process.exitCode = isUsage(error) ? 2 : 1;
  }
}

/** An error of ours says what to do; of any other the stack is needed. */
function messageOf(error: unknown): string {
  if (isAfootError(error) || isUsage(error)) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** What `util.parseArgs` throws for flags it does not know. */
function isUsage(error: unknown): error is Error {
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    error.code.startsWith("ERR_PARSE_ARGS")
  );
}
