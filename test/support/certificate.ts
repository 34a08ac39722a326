import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";

const MISSING = "openssl, which makes the certificate, is not on the PATH";

/** Why tests that need a certificate are skipped here; false where it can be made, and where a skip hides a broken set-up. */
export function opensslMissing(): string | false {
  if (process.env["CI"] === "true") return false;
  return spawnSync("openssl", ["version"]).error === undefined ? false : MISSING;
}

/** Makes a certificate for 127.0.0.1 that nobody has signed but itself, and its key, in a folder. */
export function makeCertificate(folder: string): { readonly cert: string; readonly key: string } {
  const files = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
  const made = ["-newkey", "rsa:2048", "-nodes", "-keyout", files.key, "-out", files.cert, "-days", "2"];
  execFileSync("openssl", ["req", "-x509", ...made, ...subject], { stdio: "ignore" });
  return files;
}
