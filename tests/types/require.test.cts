// What a strict customer writes in a CommonJS module: a server that renders pages.
import tillpost = require("tillpost");
import { start, type Answer } from "tillpost";

start({ app: "abc123" });
const answer: Answer = tillpost.track({ product_id: "12", event_type: "view" });
void answer;
