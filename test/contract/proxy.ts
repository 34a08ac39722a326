import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

const PRISM = fileURLToPath(import.meta.resolve("@stoplight/prism-cli/dist/index.js"));

/** Prism as a proxy that validates traffic against a document. It reports issues of each response in `sl-violations`. */
export interface ValidatingProxy extends AsyncDisposable {
  readonly origin: string;
}

export async function validatingProxy(document: string, upstream: string): Promise<ValidatingProxy> {
  const port = await freePort();
  const argv = [PRISM, "proxy", document, upstream, "--port", String(port)];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "exit");
  const listening = Promise.withResolvers<void>();
  let log = "";
  const onOutput = (text: string): void => {
    log += text;
    if (log.includes("Prism is listening")) listening.resolve();
  };
  child.stdout.setEncoding("utf8").on("data", onOutput);
  child.stderr.setEncoding("utf8").on("data", onOutput);
  const failed = ended.then(() => {
    throw new Error(`the proxy ended before it listened:\n${log}`);
  });
  await Promise.race([listening.promise, failed]);
  failed.catch(() => undefined);
  return {
    origin: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address === "object" && address !== null) return address.port;
  throw new Error("a server that listens has an address");
}
