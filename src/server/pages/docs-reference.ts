import { hash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { brotliDecompress, gzip } from "node:zlib";

/** Folder of the files that `scripts/reference.mjs` writes. */
const BUILT = import.meta.url.endsWith(".ts")
  ? new URL("../../../dist/docs/", import.meta.url)
  : new URL("./docs/", import.meta.url);

type Bytes = Uint8Array<ArrayBuffer>;

/** The page of the reference, and its only script. */
export interface Reference {
  readonly html: string;
  readonly script: {
    readonly etag: string;
    /** Returns the script in an encoding that the client accepts. */
    readonly encodedFor: (accepted: string) => Promise<{ readonly encoding: string | undefined; readonly body: Bytes }>;
  };
}

/** Loads the reference. Returns undefined if it is not built. */
export async function loadReference(title: string): Promise<Reference | undefined> {
  try {
    const [html, script] = await Promise.all([
      readFile(new URL("index.html", BUILT), "utf8"),
      readFile(new URL("scalar.js.br", BUILT)),
    ]);
    return {
      html: html.replace("<title></title>", () => `<title>${escapeHtml(title)}</title>`),
      script: encoded(script),
    };
  } catch {
    return undefined;
  }
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

const decompress = promisify(brotliDecompress);
const zip = promisify(gzip);

/** Browsers accept Brotli over TLS and from this machine only, so the other forms are made at their first use. */
function encoded(brotli: Bytes): Reference["script"] {
  let plain: Promise<Bytes> | undefined;
  let zipped: Promise<Bytes> | undefined;
  const decompressed = async (): Promise<Bytes> =>
    (plain ??= decompress(brotli).then((bytes) => new Uint8Array(bytes)));
  return {
    etag: `"${hash("sha256", brotli, "base64url").slice(0, 22)}"`,
    async encodedFor(accepted) {
      if (/\bbr\b/.test(accepted)) return { encoding: "br", body: brotli };
      if (!/\bgzip\b/.test(accepted)) return { encoding: undefined, body: await decompressed() };
      zipped ??= decompressed().then(async (bytes) => new Uint8Array(await zip(bytes)));
      return { encoding: "gzip", body: await zipped };
    },
  };
}
