// Preloaded into every test file: fails the file when its tests are over and something still keeps the process alive.
import process from "node:process";

// Sockets and children that were told to close get this long to do so; nothing waits for it in a clean file.
const GRACE_MS = 10_000;

// A process that a test starts inherits the flags: it is no test, and node:test would take its unhandled rejections from it.
if (process.argv[1]?.endsWith(".test.ts") === true) {
  const { after } = await import("node:test");
  after(() => {
    const timer = setTimeout(() => {
      const left = process.getActiveResourcesInfo().filter((name) => name !== "PipeWrap" && name !== "TTYWrap");
      process.stderr.write(`Left behind by ${process.argv[1]}: ${left.join(", ") || "something unnamed"}\n`);
      process.exit(1);
    }, GRACE_MS);
    timer.unref();
  });
}
