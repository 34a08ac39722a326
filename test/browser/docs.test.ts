import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { noChromium } from "../support/chromium.ts";
import { openLivePage } from "./live-page.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);

/** Renders both examples of the guide over one URL. */
const PAGE = `
  import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
  import { createRoot } from "react-dom/client";
  import { Machine } from "FOLDER/machine.tsx";
  import { useMachine } from "FOLDER/use-machine.tsx";

  function Queried({ url }: { readonly url: string }) {
    const { data } = useMachine(url);
    const end = data?.askAgainInMs === false ? data.machine.error?.detail ?? data.machine.IPAddress : "";
    return <output aria-label="queried">{data?.machine.status} {end}</output>;
  }

  export function show(url: string): void {
    const main = document.createElement("main");
    document.body.append(main);
    createRoot(main).render(
      <QueryClientProvider client={new QueryClient()}><Machine url={url} /><Queried url={url} /></QueryClientProvider>,
    );
  }
`;

describe("the React examples of docs/clients.md", () => {
  let folder = "";
  before(async () => {
    const guide = await readFile(join(ROOT, "docs/clients.md"), "utf8");
    folder = await mkdtemp(join(import.meta.dirname, "docs-"));
    for (const [, code = "", name = ""] of guide.matchAll(/```tsx\n(\/\/ ([\w-]+\.tsx)\n.*?)```/gs)) {
      await writeFile(join(folder, name), code);
    }
    await writeFile(join(folder, "page.tsx"), PAGE.replaceAll("FOLDER", "."));
    await writeFile(
      join(folder, "tsconfig.json"),
      JSON.stringify({ extends: "../page/tsconfig.json", include: ["*.tsx"] }),
    );
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("compile as they stand, as does the page of the tests", async () => {
    const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
    for (const project of [folder, join(import.meta.dirname, "page")]) {
      await assert.doesNotReject(run(process.execPath, [compiler, "-p", project]));
    }
  });

  it("follow to success and to failure in a browser", { skip: noChromium, timeout: 60_000 }, async () => {
    for (const approved of [true, false]) {
      await using fixture = await openLivePage(PAGE.replaceAll("FOLDER", folder));
      const { page } = fixture;
      const vm = await fixture.api.virtualMachines.create({ os: "Linux" });
      await page.evaluate(`page.show(${JSON.stringify(vm.url)})`);
      for (const selector of ["p", "output"]) {
        await page.locator(selector, { hasText: "Waiting for approval" }).waitFor();
      }
      await page.getByRole("progressbar").waitFor();
      await page.getByRole("button", { name: "Cancel" }).waitFor();
      await vm.send("approval", { approved });
      const end = approved ? "Ready 192.168.1.10" : "Failed Nobody said no.";
      for (const selector of ["p", "output"]) await page.locator(selector, { hasText: end }).waitFor();
    }
  });
});
