import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { settle } from "afoot";
import type { Browser, Page, Request } from "playwright-core";
import { z } from "zod";
import { createApp } from "../../src/app/create-app.ts";
import { createHost } from "../../src/cli/start/host.ts";
import { defineResource } from "../../src/core/definition/define-resource.ts";
import { PermanentError } from "../../src/core/errors.ts";
import { silentLog } from "../../src/core/ports/log.ts";
import { sqliteStore } from "../../src/stores/sqlite/index.ts";
import { temporaryFolder } from "../support/afoot-process.ts";
import { noChromium, openChromium } from "../support/chromium.ts";
import { eventually } from "../support/eventually.ts";

/** Text that runs script in a page which inserts it as HTML, in an attribute, or as the address of a link. */
const EVIL = `"'><img src=x onerror="window.hacked=1"><script>window.hacked=2</script><svg/onload=hacked=3>`;
// oxlint-disable-next-line no-script-url -- the attack
const LINK = "javascript:window.hacked=4";

/** Markdown with the same, and with links, images and HTML that Markdown allows. */
const MARKDOWN = `${EVIL}

[link](${LINK}) [entities](java&#115;cript:window.hacked=5) [data](data:text/html,<script>opener.hacked=6</script>)
![image](x "y" onerror=window.hacked=7) ![image](http://evil.test/pixel.png)

<a href="${LINK}">anchor</a> <iframe srcdoc="<script>parent.hacked=8</script>"></iframe> <style>*{display:none}</style>
<form action="http://evil.test/"><input name=password autofocus onfocus=window.hacked=9></form>
<base href="http://evil.test/"><meta http-equiv=refresh content="0;url=http://evil.test/">
</script><script>window.hacked=10</script>

\`\`\`html
</code></pre>${EVIL}
\`\`\`
`;

const thing = defineResource({
  name: "thing",
  description: MARKDOWN,
  configuration: z.object({
    text: z.string().meta({ title: EVIL, description: MARKDOWN, examples: [EVIL], default: EVIL }),
    link: z
      .string()
      .regex(/^[^</]*/)
      .meta({ description: `[link](${LINK})`, examples: [LINK] }),
    fails: z.boolean().default(false),
    choice: z.enum([EVIL, "</script>"]).optional().meta({ description: MARKDOWN }),
    [EVIL]: z.string().optional(),
  }),
  details: z.object({ shown: z.string().describe(MARKDOWN), url: z.string().describe(MARKDOWN) }),
  statuses: { ready: [`Ready ${EVIL}`, "Other"], failed: `Failed ${EVIL}` },
  create: {
    status: `Making ${EVIL}`,
    work: async ({ configuration: { text, link, fails }, step }) => {
      await step(`step ${EVIL}`, () => text);
      if (fails) throw new PermanentError(`detail ${EVIL}`, { code: "hacked" });
      return settle(`Ready ${EVIL}`, { shown: text, url: link });
    },
  },
  actions: {
    hold: {
      description: MARKDOWN,
      status: "Holding",
      work: async ({ sleep, details }) => {
        await sleep("hold", 600_000);
        return { shown: details.shown ?? "", url: details.url ?? "" };
      },
    },
  },
  metadata: true,
});

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

describe("a real browser", { skip: noChromium, timeout: 120_000 }, () => {
  const app = createApp({
    resources: [thing],
    openapi: {
      title: `</title>${EVIL}`,
      version: EVIL,
      description: MARKDOWN,
      license: { name: EVIL, url: "https://evil.test/\"'><img src=x onerror=window.hacked=11>" },
      contact: { name: EVIL },
      tags: [{ name: EVIL, description: MARKDOWN }],
    },
  });
  let port: number;
  let attackerPort: number;
  let browser: Browser;
  const closing: (() => PromiseLike<unknown>)[] = [];
  const problems: string[] = [];

  before(async () => {
    const folder = await temporaryFolder();
    await app.start({ store: sqliteStore({ path: join(folder.path, "afoot.db") }) });
    const server = await createHost(app, { log: silentLog, open: false });
    port = await listen(server);
    const attacker = createServer((_, response) =>
      response.writeHead(200, { "content-type": "text/html" }).end("<title>attacker</title>"),
    );
    attackerPort = await listen(attacker);
    browser = await openChromium([
      "--host-resolver-rules=MAP evil.test 127.0.0.1",
      "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests",
    ]);
    closing.push(
      async () => browser.close(),
      ...[server, attacker].map((each) => async () => {
        each.closeAllConnections();
        each.close();
      }),
      () => app.close({ graceMs: 0 }),
      () => folder[Symbol.asyncDispose](),
    );
  });
  after(async () => {
    for (const close of closing) await close();
  });

  async function open(url: string): Promise<Page> {
    const page = await browser.newPage();
    page.on("dialog", (dialog) => void dialog.dismiss());
    page.on("console", (message) => {
      // The policy of the page stops inserted script with an error, so an error shows that something was inserted.
      if (/Content Security Policy|Refused/.test(message.text())) problems.push(message.text());
    });
    await page.goto(url);
    return page;
  }

  it("runs nothing of what clients, work and declarations put into a resource", async () => {
    const configuration = { text: EVIL, link: LINK };
    const metadata = { [EVIL.slice(0, 60)]: EVIL, link: LINK };
    const made = await app.things.create(configuration, { metadata });
    await made.settled();
    const failed = await app.things.create({ ...configuration, fails: true });
    await failed.settled().catch(() => undefined);
    const origin = `http://127.0.0.1:${port}`;
    const query = `?text=${encodeURIComponent(EVIL)}&status=${encodeURIComponent(EVIL)}`;
    const paths = [
      ["/dashboard", `Ready ${EVIL}`],
      [`/dashboard${query}`, ""],
      [`/dashboard/resources/things/${made.id}`, `step ${EVIL}`],
      [`/dashboard/resources/things/${failed.id}`, `detail ${EVIL}`],
      [`/dashboard/resources/things/${encodeURIComponent(EVIL)}`, ""],
      [`/dashboard/${encodeURIComponent(EVIL)}`, ""],
      ["/dashboard/overview", ""],
    ] as const;
    for (const [path, text] of paths) {
      const page = await open(origin + path);
      if (text === "") await page.locator("main").first().waitFor();
      else await page.locator(":not(option)", { hasText: text }).last().waitFor({ state: "attached" });
      const links = await page.locator("a").evaluateAll((all) => all.map((each) => (each as { href?: string }).href));
      assert.deepEqual(
        links.filter((href) => !/^(?:https?:|$)/.test(href ?? "")),
        [],
        path,
      );
      assert.equal(await page.evaluate("window.hacked"), undefined, path);
      await page.close();
    }
    // The API itself is no page, whatever the address.
    for (const path of [`/api/things/${made.id}`, `/api/things/${EVIL}`, `/api/things?status=${EVIL}`, `/${EVIL}`]) {
      const page = await open(origin + path);
      assert.match(await page.evaluate<string>("document.contentType"), /json/, path);
      assert.equal(await page.evaluate("window.hacked"), undefined, path);
      await page.close();
    }
    assert.deepEqual(problems, []);
  });

  it("runs nothing of a declaration in the reference, and requests nothing from other hosts", async () => {
    const page = await open("about:blank");
    const requested: Request[] = [];
    page.on("request", (request) => void requested.push(request));
    await page.goto(`http://127.0.0.1:${port}/docs/`);
    for (const text of ["onload=hacked=3>", "anchor", "entities"]) {
      await page.getByText(text).first().waitFor({ state: "attached" });
    }
    // Opens models, properties and schemas.
    await page.evaluate(
      `for (const each of [...document.querySelectorAll("main [aria-expanded=false]")].slice(0, 20)) each.click()`,
    );
    const hrefs = await page.locator("a").evaluateAll((all) => all.map((each) => (each as { href?: string }).href));
    assert.ok(hrefs.length > 0);
    assert.deepEqual(
      hrefs.filter((href) => !/^(?:https?:|$)/.test(href ?? "")),
      [],
    );
    assert.equal(await page.evaluate("window.hacked"), undefined);
    assert.equal(await page.locator("iframe, form[action*=evil], base, meta[http-equiv=refresh]").count(), 0);
    assert.equal(new URL(page.url()).hostname, "127.0.0.1");
    // The policy of the page stops the images of the Markdown before anything is sent.
    const foreign = requested.filter((request) => !/^(?:data|blob|about):|^http:\/\/127\.0\.0\.1:/.test(request.url()));
    assert.deepEqual(
      foreign.filter((request) => request.failure()?.errorText !== "csp").map((request) => request.url()),
      [],
    );
    assert.deepEqual(
      problems.splice(0).filter((problem) => !problem.includes("img-src")),
      [],
    );
    await page.close();
  });

  it("lets a page of another origin change nothing and read nothing, without any credentials", async () => {
    const held = await app.things.create({ text: "secret", link: "" });
    await held.settled();
    await held.act("hold");
    const target = `http://127.0.0.1:${port}/api/things`;
    const page = await open(`http://evil.test:${attackerPort}/`);
    const attempts = await page.evaluate<Record<string, string>>(`(async () => {
      const result = {};
      const attempt = async (name, run) => {
        result[name] = await Promise.race([
          run().then((text) => "read " + text, () => "blocked"),
          new Promise((resolve) => setTimeout(resolve, 5000, "blocked")),
        ]);
      };
      const target = ${JSON.stringify(target)};
      const one = target + "/" + ${JSON.stringify(held.id)};
      const load = (element, attributes) => new Promise((resolve, reject) => {
        Object.assign(element, attributes, { onload: () => resolve("loaded"), onerror: reject });
        document.body.append(element);
      });
      await attempt("fetch", async () => (await fetch(one)).text());
      await attempt("fetch json", async () => (await fetch(target, { method: "POST", body: '{"configuration":{}}', headers: { "content-type": "application/json" } })).text());
      await attempt("no-cors", async () => (await fetch(one + "/cancel", { method: "POST", mode: "no-cors", credentials: "include" })).text().then((text) => { if (text === "") throw new Error("opaque"); return text; }));
      await attempt("delete", async () => (await fetch(one, { method: "DELETE" })).text());
      await attempt("script", () => load(document.createElement("script"), { src: target }));
      await attempt("stream", () => new Promise((resolve, reject) => Object.assign(new EventSource(one), { onmessage: resolve, onopen: resolve, onerror: reject })));
      await attempt("frame", async () => { const frame = document.createElement("iframe"); await load(frame, { src: target.replace("/api/things", "/dashboard") }); return frame.contentDocument.title; });
      return result;
    })()`);
    const read = Object.entries(attempts).filter(([, result]) => result !== "blocked");
    assert.deepEqual(read, []);
    // A form needs no script, and its request no preflight.
    for (const [path, body] of [
      [`/${held.id}/cancel`, ""],
      ["", '<input name=\'{"configuration":{"text":"x","link":"\' value=\'"}}\'>'],
    ] as const) {
      const form = await open(`http://evil.test:${attackerPort}/`);
      await form.setContent(`<form method="post" enctype="text/plain" action="${target}${path}">${body}</form>`);
      await form.evaluate("document.forms[0].submit()");
      await form.waitForURL(target + path);
      assert.match(await form.content(), /"code":"forbidden"/);
      await form.close();
    }
    await page.close();

    // DNS rebinding: the name of the attacker's page resolves to this machine by now.
    const rebound = await open(`http://evil.test:${port}/api/things`);
    assert.match(await rebound.content(), /accepts only the host names/);
    const text = await rebound.evaluate<string>(
      `fetch("/api/things", { method: "POST", body: "{}", headers: { "content-type": "application/json" } }).then((response) => response.text())`,
    );
    assert.match(text, /accepts only the host names/);
    await rebound.close();

    const ids: string[] = [];
    for await (const { id } of app.things.list()) ids.push(id);
    assert.ok(ids.includes(held.id));
    await eventually("the operation to be still in progress", async () => {
      await held.refresh();
      return held.state.status === "Holding";
    });
  });
});
