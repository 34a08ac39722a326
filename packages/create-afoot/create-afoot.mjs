#!/usr/bin/env node
// Runs `afoot init` of the version of Afoot with the same number.
import process from "node:process";

process.argv.splice(2, 0, "init");
await import(new URL("dist/main.js", import.meta.resolve("afoot/package.json")).href);
