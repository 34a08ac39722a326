import { extname } from "node:path";
import type { Finding } from "./screen-text.ts";

export interface ScreenedImage {
  readonly findings: readonly Finding[];
  /** Detected type and size, if the content is an image. */
  readonly detected?: { readonly type: string; readonly width: number; readonly height: number };
}

const EXTENSIONS: Readonly<Record<string, readonly string[]>> = {
  jpeg: [".jpg", ".jpeg"],
  png: [".png"],
  webp: [".webp"],
  gif: [".gif"],
};
const MAX_PIXELS = 25_000_000;
const [MIN_SIDE, MAX_ASPECT_RATIO, MIN_ENTROPY] = [32, 5, 0.5];

/** Screens an image by decoding it completely. */
export async function screenImage({ name, content }: { name: string; content: string }): Promise<ScreenedImage> {
  const { default: sharp } = await import("sharp");
  // Enables only the decoders of these formats.
  sharp.block({ operation: ["VipsForeignLoad"] });
  sharp.unblock({ operation: ["Jpeg", "Png", "Webp", "Nsgif"].map((format) => `VipsForeignLoad${format}`) });
  try {
    const image = sharp(Buffer.from(content, "base64"), { limitInputPixels: MAX_PIXELS, failOn: "warning" });
    const { format, width, height } = await image.metadata();
    const { entropy } = await image.stats();
    const doubts = [
      EXTENSIONS[format]?.includes(extname(name).toLowerCase()) !== true && `is named ${name}, but is a ${format}`,
      Math.min(width, height) < MIN_SIDE && `has only ${width} x ${height} pixels`,
      Math.max(width, height) > MAX_ASPECT_RATIO * Math.min(width, height) && "is a narrow strip",
      entropy < MIN_ENTROPY && "is almost blank",
    ].filter((doubt) => doubt !== false);
    const findings = doubts.map((doubt) => ({ score: 0.4, reason: `image: ${doubt}` }));
    return { findings, detected: { type: `image/${format}`, width, height } };
  } catch (error) {
    const [reason] = String(error instanceof Error ? error.message : error).split("\n");
    return { findings: [{ score: 1, reason: `image: cannot be decoded: ${reason}` }] };
  }
}
