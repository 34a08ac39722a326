#!/usr/bin/env node
import module from "node:module";
import { isAfootError } from "../core/errors.ts";
import { COMMANDS, usage } from "./commands.ts";
import { printableLines } from "./printable.ts";

// A reader such as `head` may close the pipe early.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

const MIN_NODE_VERSION = 24;

const [name = "help", ...argv] = process.argv.slice(2);
const command = COMMANDS.find((each) => each.name === name);

if (Number(process.versions.node.split(".")[0]) < MIN_NODE_VERSION) {
  process.stderr.write(
    `afoot: requires Node ${MIN_NODE_VERSION} or later, this is ${process.version}; install it from https://nodejs.org or with your version manager\n`,
  );
  process.exitCode = 1;
} else if (command === undefined) {
  const isHelp = name === "help" || isHelpFlag(name);
  process[isHelp ? "stdout" : "stderr"].write(
    isHelp ? usage() : `afoot: unknown command ${JSON.stringify(name)}\n\n${usage()}`,
  );
  process.exitCode = isHelp ? 0 : 2;
} else if (argv.some(isHelpFlag)) {
  process.stdout.write(usage([command]));
} else {
  // The next start reads compiled code from disk.
  module.enableCompileCache();
  try {
    process.exitCode = await command.run(argv);
  } catch (error) {
    process.stderr.write(`afoot ${name}: ${printableLines(messageOf(error))}\n`);
    process.exitCode = isParseArgsError(error) ? 2 : 1;
  }
}

function isHelpFlag(argument: string): boolean {
  return argument === "--help" || argument === "-h";
}

/** Returns the message of an Afoot error, which tells what to do, and the stack of any other. */
function messageOf(error: unknown): string {
  if (isAfootError(error) || isParseArgsError(error)) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Recognizes the errors that `util.parseArgs` throws for unknown flags. */
function isParseArgsError(error: unknown): error is Error {
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    error.code.startsWith("ERR_PARSE_ARGS")
  );
}
