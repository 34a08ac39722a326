// Preloaded into every test file. Fails the file if a resource keeps the process alive after its tests.
import process from "node:process";

// Time for sockets and child processes to close. A clean file does not wait for it.
const GRACE_MS = 10_000;

// Child processes of tests inherit the flags. They must not load node:test, which would handle their unhandled rejections.
if (/\.test\.m?[jt]s$/.test(process.argv[1] ?? "")) {
  const { after } = await import("node:test");
  after(() => {
    const timer = setTimeout(() => {
      const resources = process.getActiveResourcesInfo().filter((name) => name !== "PipeWrap" && name !== "TTYWrap");
      process.stderr.write(`Left behind by ${process.argv[1]}: ${resources.join(", ") || "an unnamed resource"}\n`);
      process.exit(1);
    }, GRACE_MS);
    timer.unref();
  });
}
