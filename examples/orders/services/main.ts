// Runs one service: node main.ts payment http://127.0.0.1:8080/api
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { basePathOf } from "../call.ts";
import { postFrom } from "./post.ts";
import { openService } from "./service.ts";
import { trades } from "./trades.ts";

// Ends with its parent process and not earlier, because the parent may undo requests while it stops.
process.on("disconnect", () => process.exit());
process.on("SIGINT", () => {});

const [name, to] = z.tuple([z.enum(["payment", "stock", "shipping"]), z.string()]).parse(process.argv.slice(2));
const basePath = basePathOf(name);
const socket = `${basePath}.sock`;
if (await once(connect(socket), "connect").catch(() => undefined)) {
  process.stderr.write(`${socket}: another ${name} service is listening; set AFOOT_DEMO_DATA to another folder\n`);
  process.exit(1);
}
rmSync(socket, { force: true }); // left behind by a killed process

const service = openService<z.ZodType>(trades[name], `${basePath}.db`, postFrom(name, to));
const orderRequest = z.object({ order: z.string(), request: z.unknown() });
const server = createServer((incoming, response) => {
  const handle = async (): Promise<void> => {
    const [key, body] = [String(incoming.url).slice(1), await text(incoming)];
    if (incoming.method === "DELETE") service.undo(key);
    else service.request(key, orderRequest.parse(JSON.parse(body)));
  };
  void handle().then(
    () => response.writeHead(204).end(),
    (error: unknown) => response.writeHead(400).end(String(error)),
  );
});
await once(server.listen(socket), "listening");
writeFileSync(`${basePath}.pid`, `${process.pid}\n`);
process.send?.("listening");
