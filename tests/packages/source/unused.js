// An import that nobody uses: a bundler may drop it, so the page downloads nothing of it.
import "tillpost";
import { track } from "tillpost";

document.title = "unused";
