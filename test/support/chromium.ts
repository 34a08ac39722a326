import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const CANDIDATES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

const found = process.env["CHROMIUM"] ?? CANDIDATES.find((path) => existsSync(path));

/** Why a test that needs a browser cannot run here; false where it can. */
export const noChromium: string | false =
  found === undefined ? "no Chromium is installed; install it (apt install chromium) or name it in CHROMIUM" : false;

/** A browser that is gone after the test. */
export async function openChromium(flags: readonly string[] = []): Promise<Browser & AsyncDisposable> {
  if (found === undefined) throw new Error("no Chromium is installed");
  // Its sandbox needs privileges of the kernel that containers seldom have; what it opens here is our own.
  return chromium.launch({
    executablePath: found,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", ...flags],
  });
}
