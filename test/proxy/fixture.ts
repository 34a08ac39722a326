import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { type AfootProcess, startAfoot, temporaryFolder } from "../support/afoot-process.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";

const APP = join(import.meta.dirname, "app.ts");

/** Path prefix that the proxy removes. */
export const PREFIX = "/svc";

/** The reason why a test that needs nginx cannot run here; false if it can. */
export const noNginx: string | false =
  spawnSync("nginx", ["-v"]).status === 0 ? false : "nginx is not installed; install it (apt install nginx)";

/** A real `afoot start` behind a real nginx that removes a path prefix. */
export interface Fixture extends AsyncDisposable {
  /** Public URL, such as `http://127.0.0.1:8000/svc`. */
  readonly url: string;
  /** Origin of the proxy. */
  readonly origin: string;
  readonly server: AfootProcess;
}

/** @param directives nginx directives of the server, such as `gzip on;` */
export async function startFixture(directives: readonly string[] = []): Promise<Fixture> {
  const folder = await temporaryFolder();
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const url = origin + PREFIX;
  const server = await startAfoot({ app: APP, folder: folder.path, environment: { AFOOT_PUBLIC_URL: `${url}/` } });
  const nginx = await startNginx(folder.path, port, { upstream: new URL(server.origin).host, directives });
  return {
    url,
    origin,
    server,
    async [Symbol.asyncDispose]() {
      nginx.kill();
      await once(nginx, "exit");
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

interface ProxyOptions {
  /** Host and port of the server, to which the proxy keeps one connection open for the requests of all clients. */
  readonly upstream: string;
  readonly directives: readonly string[];
}

async function startNginx(folder: string, port: number, { upstream, directives }: ProxyOptions): Promise<ChildProcess> {
  const file = join(folder, "nginx.conf");
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  await writeFile(
    file,
    `daemon off;
pid ${folder}/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  upstream localhost {
    server ${upstream};
    keepalive 1;
  }
  ${paths.join("\n  ")}
  server {
    listen 127.0.0.1:${port};
    ${directives.join("\n    ")}
    location ${PREFIX}/ {
      proxy_pass http://localhost/;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }
  }
}
`,
  );
  const child = spawn("nginx", ["-p", folder, "-c", file], { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  child.on("exit", (code) => {
    if (code !== 0 && code !== null) throw new Error(`nginx ended with ${code}:\n${log}`);
  });
  await eventually("nginx to listen", () => accepts(port));
  return child;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
