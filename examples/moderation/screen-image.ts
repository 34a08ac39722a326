import { extname } from "node:path";
import type { Finding } from "./screen-text.ts";

export interface ScreenedImage {
  readonly findings: readonly Finding[];
  /** What it is, where it is an image. */
  readonly shown?: { readonly type: string; readonly width: number; readonly height: number };
}

const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  jpeg: [".jpg", ".jpeg"],
  png: [".png"],
  webp: [".webp"],
  gif: [".gif"],
};
const MOST_PIXELS = 25_000_000;
const [SMALLEST, NARROWEST, LEAST_BITS] = [32, 5, 0.5];

/** Decodes the image, whole, and goes by what that shows. */
export async function screenImage({ name, content }: { name: string; content: string }): Promise<ScreenedImage> {
  const { default: sharp } = await import("sharp");
  // Of all formats that the library knows, only those may reach its decoders.
  sharp.block({ operation: ["VipsForeignLoad"] });
  sharp.unblock({ operation: ["Jpeg", "Png", "Webp", "Nsgif"].map((format) => `VipsForeignLoad${format}`) });
  try {
    const image = sharp(Buffer.from(content, "base64"), { limitInputPixels: MOST_PIXELS, failOn: "warning" });
    const { format, width, height } = await image.metadata();
    const { entropy } = await image.stats();
    const doubts = [
      ENDINGS[format]?.includes(extname(name).toLowerCase()) !== true && `is called ${name}, and is a ${format}`,
      Math.min(width, height) < SMALLEST && `has ${width} x ${height} pixels only`,
      Math.max(width, height) > NARROWEST * Math.min(width, height) && "is a narrow strip",
      entropy < LEAST_BITS && "shows next to nothing",
    ].filter((doubt) => doubt !== false);
    const findings = doubts.map((doubt) => ({ score: 0.4, reason: `image: ${doubt}` }));
    return { findings, shown: { type: `image/${format}`, width, height } };
  } catch (error) {
    const [why] = String(error instanceof Error ? error.message : error).split("\n");
    return { findings: [{ score: 1, reason: `image: cannot be decoded: ${why}` }] };
  }
}
