import { createApp } from "afoot";
import { machine, order } from "../external/fixture.ts";

export default createApp({ resources: [machine, order] });
