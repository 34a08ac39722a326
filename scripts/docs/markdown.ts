import { posix } from "node:path";
// Adapts the Markdown of the repository to the site: links that work in both, the anchors of repository hosts, diagrams.
import { renderMermaidSVG } from "beautiful-mermaid";
import type { MarkdownRenderer } from "vitepress";
import { sitePathOf } from "./pages.ts";

type Token = ReturnType<MarkdownRenderer["parse"]>[number];

/** Values that the adaptation needs from the site. */
export interface Repository {
  /** Paths of all pages, relative to the repository. */
  readonly pages: ReadonlySet<string>;
  /** URL of a file of the repository, if the repository has a public address. */
  readonly urlOf: (path: string) => string | undefined;
}

/** Installs the rules for links and diagrams. */
export function adaptMarkdown(md: MarkdownRenderer, repository: Repository): void {
  md.core.ruler.push("afoot-repository", ({ tokens, env }) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- markdown-it leaves the environment to its caller
    const { relativePath } = env as { readonly relativePath: string };
    for (const token of tokens) {
      if (token.type === "fence" && token.info.trim() === "mermaid") {
        token.type = "html_block";
        token.content = diagram(token.content);
      }
      if (token.children !== null) adaptLinks(token.children, posix.dirname(relativePath), repository);
    }
  });
}

/** Resolves links to files against the folder of their page. */
function adaptLinks(tokens: readonly Token[], folder: string, { pages, urlOf }: Repository): void {
  let isNamed = false;
  for (const token of tokens) {
    const href = token.attrGet("href");
    if (token.type === "link_open" && href !== null && !/^(?:[a-z]+:|#|\/)/.test(href)) {
      const [path = "", anchor] = href.split("#");
      const target = posix.join(folder, decodeURI(path)).replace(/\/$/, "");
      const url = pages.has(target) ? `/${sitePathOf(target)}` : urlOf(target);
      if (url !== undefined) token.attrSet("href", anchor === undefined ? url : `${url}#${anchor}`);
      // Without a public address of the repository, the text of the link names the file.
      isNamed = url === undefined;
      if (isNamed) token.attrs = [["title", `${target} in the repository`]];
    }
    if (isNamed && token.type.startsWith("link_")) token.tag = "span";
    if (token.type === "link_close") isNamed = false;
  }
}

/** Renders a Mermaid diagram. Its colours are those of the theme, which `theme/style.css` assigns. */
function diagram(source: string): string {
  const svg = renderMermaidSVG(source)
    .replace(/<style>[^]*?<\/style>/, "")
    .replace(/ style="--bg[^"]*"/, "");
  return `<div class="diagram" v-pre role="img" aria-label="Diagram" tabindex="0">${svg}</div>\n`;
}
