import "reflect-metadata";
import {
  type BeforeApplicationShutdown,
  Controller,
  Get,
  Injectable,
  Module,
  type OnApplicationBootstrap,
} from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { middleware } from "afoot/hosts";
import { sqliteStore } from "afoot/stores/sqlite";
import { app } from "../report.ts";

/** Starts and closes the app with Nest. */
@Injectable()
class Reports implements OnApplicationBootstrap, BeforeApplicationShutdown {
  async onApplicationBootstrap(): Promise<void> {
    await app.start({ store: sqliteStore({ path: process.env["DATABASE"] ?? "./data/reports.db" }) });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await app.close();
  }
}

@Controller()
class Home {
  @Get()
  show(): object {
    return { reports: `${app.options.basePath}/reports` };
  }
}

@Module({ providers: [Reports], controllers: [Home] })
class AppModule {}

const nest = await NestFactory.create(AppModule, { logger: ["error", "warn"] });
// Before listen(), which registers the body parser: Afoot reads request bodies itself.
nest.use(middleware([app, app.pages(), app.health()]));
// Without this line, Nest does not call beforeApplicationShutdown on SIGTERM.
nest.enableShutdownHooks();
await nest.listen(Number(process.env["PORT"] ?? 3000), "127.0.0.1");
console.log(await nest.getUrl());
