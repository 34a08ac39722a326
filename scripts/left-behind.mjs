// Preloaded into every test file: fails the file when its tests are over and something still keeps the process alive.
import process from "node:process";
import { after } from "node:test";

// Sockets and children that were told to close get this long to do so; nothing waits for it in a clean file.
const GRACE_MS = 10_000;

after(() => {
  const timer = setTimeout(() => {
    const left = process.getActiveResourcesInfo().filter((name) => name !== "PipeWrap" && name !== "TTYWrap");
    process.stderr.write(`Left behind by ${process.argv[1]}: ${left.join(", ") || "something unnamed"}\n`);
    process.exit(1);
  }, GRACE_MS);
  timer.unref();
});
