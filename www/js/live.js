// The live view of the pages with the script tag.

import { $ } from "./dom.js";
import { scriptTagDoor } from "./live/door.js";
import { mountPanel } from "./live/panel.js";

mountPanel($("[data-live]"), scriptTagDoor);
