import { createApp } from "afoot";
import { machine, order } from "../outside/scene.ts";

export default createApp({ resources: [machine, order] });
