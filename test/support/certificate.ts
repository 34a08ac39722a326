import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";

const MISSING = "openssl, which makes the certificate, is not on the PATH";

/** Returns the reason to skip tests that need a certificate, or false. Always false in CI, where a skip would hide a broken setup. */
export function opensslMissing(): string | false {
  if (process.env["CI"] === "true") return false;
  return spawnSync("openssl", ["version"]).error === undefined ? false : MISSING;
}

/** Creates a self-signed certificate for 127.0.0.1 and its key in a folder. */
export function makeCertificate(folder: string): { readonly cert: string; readonly key: string } {
  const files = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
  const made = ["-newkey", "rsa:2048", "-nodes", "-keyout", files.key, "-out", files.cert, "-days", "2"];
  execFileSync("openssl", ["req", "-x509", ...made, ...subject], { stdio: "ignore" });
  return files;
}
