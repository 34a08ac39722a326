// Takes the pictures of the app of docs/start/tutorial.md: its dashboard, and for the README a terminal beside it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { stripVTControlCharacters } from "node:util";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { startAfoot, temporaryFolder } from "../../test/support/afoot-process.ts";
import { send } from "../../test/support/exchange.ts";
import { pageFolder } from "../../test/support/page-code.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const PAGE = join(ROOT, "docs/start/tutorial.md");
const SHOWN_ORIGIN = "http://127.0.0.1:8080";

/** Takes the pictures with the app of the tutorial, and writes them into a folder. */
export async function shootTutorial(browser: Browser, folder: string): Promise<void> {
  await using app = await pageFolder(PAGE, join(ROOT, "test/tutorial"));
  await using work = await temporaryFolder();
  await mkdir(join(work.path, "themes"));
  await writeFile(join(work.path, "themes/plain.css"), "h1 { font: 3em Georgia }");
  await using server = await startAfoot({ app: join(app.path, "app.ts"), folder: work.path, cwd: work.path });
  const configuration = { title: "Garden club", theme: "plain" };
  const { headers } = await send(`${server.origin}/api/sites`, "POST", { configuration });
  const url = server.origin + headers.get("Location");
  const id = url.split("/").at(-1) ?? "";
  const page = await browser.newPage({ viewport: { width: 1000, height: 520 }, colorScheme: "light", locale: "en" });
  await page.goto(`${server.origin}/dashboard/resources/sites/${id}`);
  await page.locator(".chart .step-done").first().waitFor();
  await page.waitForTimeout(6000);
  const dashboard = await shoot(page, join(folder, "tutorial-dashboard.png"));
  const followed = await followedText(url);
  const { body } = await send(url, "GET");
  const lines = terminalLines({
    origin: server.origin,
    url,
    accepted: { id, status: "Building", configuration },
    followed,
    body,
  });
  await page.close();
  // A page of its own: the policy of the dashboard allows no inline style.
  const hero = await browser.newPage({ viewport: { width: 1240, height: 660 } });
  await hero.setContent(heroOf(lines, dashboard));
  await shoot(hero, join(folder, "terminal-and-dashboard.png"));
  await hero.close();
}

async function shoot(page: Page, path: string): Promise<Buffer> {
  const screenshot = await page.screenshot({ animations: "disabled" });
  // A palette halves the size, and a page of flat colours does not show it.
  const png = await sharp(screenshot).png({ palette: true, compressionLevel: 9 }).toBuffer();
  await writeFile(path, png);
  process.stdout.write(`${path.slice(ROOT.length + 1)}: ${Math.round(png.length / 1024)} kB\n`);
  return png;
}

/** Returns what `afoot follow` prints in a terminal until the end: the last frame with progress, and the result. */
async function followedText(url: string): Promise<readonly string[]> {
  const command = [process.execPath, "--conditions=@afoot/source", join(ROOT, "src/cli/main.ts"), "follow", url].join(
    " ",
  );
  const child = spawn("script", ["--quiet", "--command", command, "/dev/null"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [output] = await Promise.all([text(child.stdout), once(child, "exit")]);
  const frames = stripVTControlCharacters(output)
    .split(/[\r\n]+/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== "");
  const last = frames.findLastIndex((line) => line.includes("%"));
  return frames.slice(Math.max(last, 0));
}

interface Session {
  readonly origin: string;
  readonly url: string;
  readonly accepted: object;
  readonly followed: readonly string[];
  readonly body: object;
}

function terminalLines({ origin, url, accepted, followed, body }: Session): readonly string[] {
  const shown = (line: string): string => line.replaceAll(origin, SHOWN_ORIGIN);
  return [
    `$ curl ${SHOWN_ORIGIN}/api/sites --json '{"configuration":{"title":"Garden club","theme":"plain"}}'`,
    JSON.stringify(accepted),
    "",
    `$ npx afoot follow ${shown(url)}`,
    ...followed,
    "",
    `$ curl ${shown(url)}`,
    shown(JSON.stringify(body)),
  ];
}

function heroOf(lines: readonly string[], dashboard: Buffer): string {
  const escaped = lines.map((line) => line.replaceAll("&", "&amp;").replaceAll("<", "&lt;"));
  const coloured = escaped.map((line) => (line.startsWith("$ ") ? `<b>${line}</b>` : line)).join("\n");
  return `<style>
    body { margin: 0; background: #f6f8fa; position: relative; height: 660px; overflow: hidden }
    pre { position: absolute; left: 24px; top: 24px; width: 620px; margin: 0; padding: 20px; border-radius: 10px; background: #0d1117;
      color: #c9d1d9; font: 14px/1.5 monospace; white-space: pre-wrap; overflow-wrap: anywhere; z-index: 1; box-shadow: 0 8px 24px #0006 }
    b { color: #7ee787; font-weight: 500 }
    img { position: absolute; right: 24px; bottom: 24px; width: 800px; border-radius: 10px; box-shadow: 0 4px 16px #0003 }
  </style><pre>${coloured}</pre><img src="data:image/png;base64,${dashboard.toString("base64")}">`;
}
